//! Members of messages, whatever their types turn out to be.

use genspan::Value;

/// Looks members up; one of another type than asked for is as if absent, so that no oddity costs more than itself.
pub(crate) trait Fields {
    /// Finds a member that is not `null`.
    fn member(&self, name: &str) -> Option<&Value>;

    /// Finds a text.
    fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.as_str()
    }

    /// Finds a text that names something; what is too long to be a name is none, so that names may be remembered.
    fn id(&self, name: &str) -> Option<&str> {
        const LONGEST: usize = 256;
        self.text(name)
            .filter(|id| !id.is_empty() && id.len() <= LONGEST)
    }

    /// Finds a copy of such a text.
    fn owned_id(&self, name: &str) -> Option<String> {
        self.id(name).map(str::to_owned)
    }

    /// Finds a count.
    fn count(&self, name: &str) -> Option<u64> {
        match self.member(name)? {
            Value::Int(count) => u64::try_from(*count).ok(),
            Value::Double(count) if count.is_finite() && *count >= 0.0 =>
            {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the sign is looked at before, and a cast saturates"
                )]
                Some(*count as u64)
            }
            _ => None,
        }
    }

    /// Finds a number.
    fn number(&self, name: &str) -> Option<f64> {
        match self.member(name)? {
            #[allow(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
            Value::Int(number) => Some(*number as f64),
            Value::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// Finds a truth value.
    fn flag(&self, name: &str) -> Option<bool> {
        match self.member(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Finds the items of a list; anything else has none.
    fn items(&self, name: &str) -> &[Value] {
        match self.member(name) {
            Some(Value::Array(items)) => items,
            _ => &[],
        }
    }
}

impl Fields for Value {
    fn member(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}
