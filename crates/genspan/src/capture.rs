//! Which content reaches telemetry, and where.

use std::{fmt, str::FromStr};

/// Names the signals that content may stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nowhere.
    #[default]
    None,
    /// On the span.
    Span,
    /// On the details event.
    Event,
    /// On both.
    Both,
}

/// Decides which content is recorded; by default none is.
///
/// Tool arguments follow the inputs, tool results the outputs.
///
/// ```
/// use genspan::{Capture, Place};
///
/// let capture: Capture = "span".parse().unwrap();
/// assert_eq!(capture, Capture::at(Place::Span));
/// assert!(capture.without_inputs().outputs_on_span());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    place: Place,
    inputs: bool,
    outputs: bool,
}

impl Default for Capture {
    fn default() -> Self {
        Self::at(Place::None)
    }
}

impl Capture {
    /// Records inputs and outputs in the given place.
    #[must_use]
    pub const fn at(place: Place) -> Self {
        Self {
            place,
            inputs: true,
            outputs: true,
        }
    }

    /// Leaves out what is sent to models and tools.
    #[must_use]
    pub const fn without_inputs(mut self) -> Self {
        self.inputs = false;
        self
    }

    /// Leaves out what models and tools answer.
    #[must_use]
    pub const fn without_outputs(mut self) -> Self {
        self.outputs = false;
        self
    }

    /// Gives the place.
    #[must_use]
    pub const fn place(self) -> Place {
        self.place
    }

    /// Tells whether any content is recorded.
    #[must_use]
    pub const fn is_on(self) -> bool {
        !matches!(self.place, Place::None) && (self.inputs || self.outputs)
    }

    /// Tells whether inputs stand on spans.
    #[must_use]
    pub const fn inputs_on_span(self) -> bool {
        self.inputs && matches!(self.place, Place::Span | Place::Both)
    }

    /// Tells whether outputs stand on spans.
    #[must_use]
    pub const fn outputs_on_span(self) -> bool {
        self.outputs && matches!(self.place, Place::Span | Place::Both)
    }

    /// Tells whether inputs stand on the details event.
    #[must_use]
    pub const fn inputs_on_event(self) -> bool {
        self.inputs && matches!(self.place, Place::Event | Place::Both)
    }

    /// Tells whether outputs stand on the details event.
    #[must_use]
    pub const fn outputs_on_event(self) -> bool {
        self.outputs && matches!(self.place, Place::Event | Place::Both)
    }
}

/// Says that a text names no place for content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlace(String);

impl fmt::Display for UnknownPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no place for content; write `none`, `span`, `event` or `both` \
             (or `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, `true`, `false`)",
            self.0
        )
    }
}

impl std::error::Error for UnknownPlace {}

impl FromStr for Capture {
    type Err = UnknownPlace;

    /// Reads a place in our words, in the conventions' ones, or the `true` and `false` of older instrumentations.
    fn from_str(text: &str) -> Result<Self, UnknownPlace> {
        let place = match text.trim().to_ascii_lowercase().as_str() {
            "none" | "no_content" | "false" => Place::None,
            "span" | "span_only" | "true" => Place::Span,
            "event" | "event_only" => Place::Event,
            "both" | "span_and_event" => Place::Both,
            _ => return Err(UnknownPlace(text.to_owned())),
        };
        Ok(Self::at(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_known_in_any_case() {
        for (words, place) in [
            (["none", "NO_CONTENT", "False"], Place::None),
            (["span", "span_only", "TRUE"], Place::Span),
            (["event", "EVENT_ONLY", " event "], Place::Event),
            (["both", "SPAN_AND_EVENT", "Both"], Place::Both),
        ] {
            for word in words {
                assert_eq!(word.parse(), Ok(Capture::at(place)), "{word}");
            }
        }
    }

    #[test]
    fn an_unknown_word_says_what_would_do() {
        let error = "everything".parse::<Capture>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`everything` is no place for content; write `none`")
        );
    }

    #[test]
    fn nothing_is_recorded_by_default() {
        assert!(!Capture::default().is_on());
        assert!(
            !Capture::at(Place::Both)
                .without_inputs()
                .without_outputs()
                .is_on()
        );
    }
}
