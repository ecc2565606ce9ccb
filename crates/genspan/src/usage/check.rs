//! No part larger than its whole.

use super::{ByModality, Counts};
use crate::Diagnostic;

/// Leaves out what exceeds what it should be part of, and tells it; allocates only where something does.
pub(super) fn checked(stated: Counts) -> (Counts, Vec<Diagnostic>) {
    let mut check = Check(Vec::new());
    let cache_read = check.part("cache_read", stated.cache_read, stated.input);
    let cache_write = check.part("cache_write", stated.cache_write, stated.input);
    let input_by = check.split(&INPUT, stated.input_by, stated.input);
    let checked = Counts {
        cache_read,
        cache_write,
        // What is part of a part that cannot be believed cannot be either.
        cache_write_long: stated
            .cache_write_long
            .filter(|_| cache_write == stated.cache_write),
        reasoning: check.part("reasoning", stated.reasoning, stated.output),
        input_by,
        cache_read_by: if cache_read == stated.cache_read {
            stated.cache_read_by
        } else {
            ByModality::default()
        },
        output_by: check.split(&OUTPUT, stated.output_by, stated.output),
        ..stated
    };
    let checked = Counts {
        cache_write_long: check.part(
            "cache_write_long",
            checked.cache_write_long,
            cache_write.or(stated.input),
        ),
        cache_read_by: check.cached(
            checked.cache_read_by,
            cache_read.or(stated.input),
            &input_by,
        ),
        ..checked
    };
    (checked, check.0)
}

/// Names the parts of a split: text, audio, image, video, and the split itself.
type Names = [&'static str; 5];

const INPUT: Names = [
    "text.input",
    "audio.input",
    "image.input",
    "video.input",
    "input by modality",
];
const CACHED: Names = [
    "text.cache_read",
    "audio.cache_read",
    "image.cache_read",
    "video.cache_read",
    "cache_read by modality",
];
const OUTPUT: Names = [
    "text.output",
    "audio.output",
    "image.output",
    "video.output",
    "output by modality",
];

/// Gathers what is odd.
struct Check(Vec<Diagnostic>);

impl Check {
    /// Checks a part against its whole; without a whole there is nothing to exceed.
    fn part(&mut self, part: &'static str, stated: Option<u64>, whole: Option<u64>) -> Option<u64> {
        match (stated, whole) {
            (Some(stated), Some(whole)) if stated > whole => {
                self.0.push(Diagnostic::UsagePartExceedsWhole {
                    part,
                    stated,
                    whole,
                });
                None
            }
            _ => stated,
        }
    }

    /// Checks each part, and then all together: which of them is wrong nobody knows.
    fn split(&mut self, names: &Names, by: ByModality, whole: Option<u64>) -> ByModality {
        self.within(names, by, [whole; 4], whole)
    }

    /// Checks what was cached of each kind against the input of that kind as well.
    fn cached(&mut self, by: ByModality, whole: Option<u64>, input: &ByModality) -> ByModality {
        let wholes = [input.text, input.audio, input.image, input.video];
        let wholes = wholes.map(|of_kind| match (of_kind, whole) {
            (Some(of_kind), Some(whole)) => Some(of_kind.min(whole)),
            (of_kind, whole) => of_kind.or(whole),
        });
        self.within(&CACHED, by, wholes, whole)
    }

    fn within(
        &mut self,
        [text, audio, image, video, all]: &Names,
        by: ByModality,
        [of_text, of_audio, of_image, of_video]: [Option<u64>; 4],
        whole: Option<u64>,
    ) -> ByModality {
        let by = ByModality {
            text: self.part(text, by.text, of_text),
            audio: self.part(audio, by.audio, of_audio),
            image: self.part(image, by.image, of_image),
            video: self.part(video, by.video, of_video),
        };
        if self.part(all, by.sum(), whole) == by.sum() {
            by
        } else {
            ByModality::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(text: Option<u64>, audio: Option<u64>) -> ByModality {
        ByModality {
            text,
            audio,
            ..ByModality::default()
        }
    }

    fn odd(counts: Counts) -> (Counts, Vec<String>) {
        let (checked, diagnostics) = checked(counts);
        let diagnostics = diagnostics.iter().map(ToString::to_string);
        (checked, diagnostics.collect())
    }

    #[test]
    fn what_adds_up_stays_and_costs_no_allocation() {
        let counts = Counts {
            input: Some(100),
            output: Some(20),
            cache_read: Some(60),
            cache_write: Some(10),
            cache_write_long: Some(10),
            reasoning: Some(20),
            input_by: by(Some(90), Some(10)),
            cache_read_by: by(Some(55), Some(5)),
            output_by: by(Some(5), None),
        };
        let (checked, diagnostics) = checked(counts);
        assert_eq!((checked, diagnostics.capacity()), (counts, 0));
    }

    #[test]
    fn a_kind_larger_than_all_is_left_out_alone() {
        let (checked, told) = odd(Counts {
            output: Some(20),
            output_by: by(Some(20), Some(21)),
            ..Counts::default()
        });
        assert_eq!(checked.output_by, by(Some(20), None));
        assert_eq!(
            told,
            ["audio.output states 21 tokens of a whole of 20; the part was left out"]
        );
    }

    #[test]
    fn kinds_that_are_more_than_all_together_are_left_out_together() {
        let (checked, told) = odd(Counts {
            input: Some(20),
            input_by: by(Some(20), Some(1)),
            ..Counts::default()
        });
        assert_eq!(checked.input_by, ByModality::default());
        assert_eq!(
            told,
            ["input by modality states 21 tokens of a whole of 20; the part was left out"]
        );
    }

    #[test]
    fn cached_kinds_are_part_of_what_was_cached_and_of_their_kind() {
        let counts = Counts {
            input: Some(20),
            cache_read: Some(10),
            input_by: by(Some(15), Some(5)),
            ..Counts::default()
        };
        let (checked, told) = odd(Counts {
            cache_read_by: by(Some(11), Some(6)),
            ..counts
        });
        assert_eq!(checked.cache_read_by, ByModality::default());
        assert_eq!(
            told,
            [
                "text.cache_read states 11 tokens of a whole of 10; the part was left out",
                "audio.cache_read states 6 tokens of a whole of 5; the part was left out"
            ]
        );
    }

    #[test]
    fn parts_of_what_was_left_out_go_with_it() {
        let (checked, told) = odd(Counts {
            input: Some(5),
            cache_read: Some(6),
            cache_read_by: by(Some(1), None),
            cache_write: Some(7),
            cache_write_long: Some(2),
            ..Counts::default()
        });
        assert_eq!(
            checked,
            Counts {
                input: Some(5),
                ..Counts::default()
            }
        );
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn the_long_kept_part_of_a_cache_is_part_of_what_was_written() {
        let (checked, told) = odd(Counts {
            input: Some(9),
            cache_write: Some(3),
            cache_write_long: Some(4),
            ..Counts::default()
        });
        assert_eq!(
            (checked.cache_write, checked.cache_write_long),
            (Some(3), None)
        );
        assert_eq!(
            told,
            ["cache_write_long states 4 tokens of a whole of 3; the part was left out"]
        );
    }
}
