//! The scenarios that a client can ask for by name.

/// The longest answer of `huge`, in MiB.
const HUGE_LIMIT: u32 = 64;

/// What a request is to meet; see the [list](super#scenarios).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Text,
    Tools,
    ParallelTools,
    Reasoning,
    Refusal,
    Error(u16),
    Retry { status: u16, failures: u32 },
    ErrorMidstream(usize),
    CutMidstream(usize),
    CutBeforeHeaders,
    CutBeforeLast,
    Hang,
    OneByte,
    Huge(u32),
    Slow(u32),
    Pings,
    NoDone,
    NoUsage,
}

impl Scenario {
    /// Reads `NAME` or `NAME:NUMBER`; `None` for a name that is not in the list.
    pub(super) fn parse(spec: &str) -> Option<Self> {
        let (name, number) = spec.split_once(':').unwrap_or((spec, ""));
        let number = number.parse::<u32>().ok();
        let chunks = number.map_or(3, |n| n as usize);
        Some(match name {
            "text" => Self::Text,
            "tools" => Self::Tools,
            "parallel-tools" => Self::ParallelTools,
            "reasoning" => Self::Reasoning,
            "refusal" => Self::Refusal,
            "error-400" => Self::Error(400),
            "error-401" => Self::Error(401),
            "error-429" => Self::Error(429),
            "error-500" => Self::Error(500),
            "error-529" => Self::Error(529),
            "retry-429" => Self::Retry {
                status: 429,
                failures: number.unwrap_or(1),
            },
            "retry-529" => Self::Retry {
                status: 529,
                failures: number.unwrap_or(1),
            },
            "error-midstream" => Self::ErrorMidstream(chunks),
            "cut-midstream" => Self::CutMidstream(chunks),
            "cut-before-headers" => Self::CutBeforeHeaders,
            "cut-before-last" => Self::CutBeforeLast,
            "hang" => Self::Hang,
            "one-byte" => Self::OneByte,
            "huge" => Self::Huge(number.unwrap_or(4).min(HUGE_LIMIT)),
            "slow" => Self::Slow(number.unwrap_or(5)),
            "pings" => Self::Pings,
            "no-done" => Self::NoDone,
            "no-usage" => Self::NoUsage,
            _ => return None,
        })
    }
}

/// The scenario's words after `scripted:` in a model's name or a message, if it is there.
pub(super) fn mentioned(text: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once("scripted:")?;
    let spec: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':'))
        .collect();
    Some(spec.trim_end_matches(':').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_numbers() {
        assert_eq!(Scenario::parse("slow:20"), Some(Scenario::Slow(20)));
        assert_eq!(
            Scenario::parse("cut-midstream"),
            Some(Scenario::CutMidstream(3))
        );
        assert_eq!(
            Scenario::parse("huge:9999"),
            Some(Scenario::Huge(HUGE_LIMIT))
        );
        assert_eq!(
            Scenario::parse("retry-529:2"),
            Some(Scenario::Retry {
                status: 529,
                failures: 2
            })
        );
        assert_eq!(Scenario::parse("nonsense"), None);
    }

    #[test]
    fn finds_the_name_in_a_sentence() {
        assert_eq!(
            mentioned("Please (scripted:slow:7), now").as_deref(),
            Some("slow:7")
        );
        assert_eq!(
            mentioned("gpt-4o scripted:tools: go").as_deref(),
            Some("tools")
        );
        assert_eq!(mentioned("nothing here"), None);
    }
}
