//! What is done about usage that answers do not state by themselves.

use clap::{Args, ValueEnum};

/// Says what is done where a call's tokens would be unknown; by default nothing is.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UsageArgs {
    /// Gets the tokens of calls that would not state them: `ask`, `estimate` or `ask,estimate`
    ///
    /// OpenAI's chat completions and what is like them state no usage in a stream unless they are asked. `ask` asks
    /// where the program does not, and takes the answer out of the stream again; `estimate` counts four bytes of text
    /// as a token wherever none were stated, and marks that as `genspan.usage.estimated`.
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        value_delimiter = ',',
        hide_possible_values = true
    )]
    usage: Vec<How>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    Ask,
    Estimate,
}

impl UsageArgs {
    /// Tells whether providers are asked for usage where the program does not.
    pub(crate) fn asks(&self) -> bool {
        self.usage.contains(&How::Ask)
    }

    /// Tells whether tokens are estimated that nobody stated.
    pub(crate) fn estimates(&self) -> bool {
        self.usage.contains(&How::Estimate)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        usage: UsageArgs,
    }

    #[test]
    fn both_may_be_wanted_in_one_word_or_two() {
        let read = |line: &str| {
            let words = std::iter::once("genspan").chain(line.split_whitespace());
            let usage = Line::try_parse_from(words).map(|line| line.usage);
            usage.map(|usage| (usage.asks(), usage.estimates())).ok()
        };
        assert_eq!(read(""), Some((false, false)));
        assert_eq!(read("--usage ask"), Some((true, false)));
        assert_eq!(read("--usage=estimate"), Some((false, true)));
        assert_eq!(read("--usage ask,estimate"), Some((true, true)));
        assert_eq!(read("--usage ask --usage estimate"), Some((true, true)));
        assert_eq!(read("--usage guess"), None);
    }
}
