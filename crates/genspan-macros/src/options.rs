//! What stands in the parentheses of an attribute.

use proc_macro2::TokenStream;
use syn::{
    Error, Expr, ExprLit, Ident, Lit, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

/// Tells what an option takes.
pub(crate) enum Form {
    /// A string literal, or an expression that gives a text.
    Text,
    /// One of these string literals.
    Word(&'static [&'static str]),
    /// Any expression but a literal.
    Expression,
    /// Nothing.
    Flag,
    /// Names of arguments in parentheses.
    Names,
}

/// Describes an option.
pub(crate) type Known = (&'static str, Form);

/// Holds what was written for an option.
enum Given {
    Expression(Expr),
    Flag,
    Names(Vec<Ident>),
}

/// Holds the options that were written, each at most once.
pub(crate) struct Options(Vec<(Ident, Given)>);

impl Options {
    pub(crate) fn parse(tokens: TokenStream, known: &[Known]) -> Result<Self> {
        let read = |input: ParseStream<'_>| Self::read(input, known);
        read.parse2(tokens)
    }

    fn read(input: ParseStream<'_>, known: &[Known]) -> Result<Self> {
        let mut options = Self(Vec::new());
        while !input.is_empty() {
            if input.peek(Lit) {
                let message = format!("an option begins with its name; {}", list(known));
                return Err(input.error(message));
            }
            let key = input.call(Ident::parse_any)?;
            let Some((_, form)) = known.iter().find(|(name, _)| key == name) else {
                return Err(unknown(&key, known));
            };
            if options.0.iter().any(|(given, _)| *given == key) {
                return Err(Error::new(key.span(), format!("`{key}` is given twice")));
            }
            let given = form.read(&key, input)?;
            options.0.push((key, given));
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }

    fn given(&self, name: &str) -> Option<&Given> {
        let mut all = self.0.iter();
        all.find_map(|(key, given)| (key == name).then_some(given))
    }

    /// Gives the expression that was written for an option.
    pub(crate) fn expression(&self, name: &str) -> Option<&Expr> {
        match self.given(name)? {
            Given::Expression(expression) => Some(expression),
            _ => None,
        }
    }

    /// Gives the string literal that was written for an option.
    pub(crate) fn literal(&self, name: &str) -> Option<String> {
        match self.expression(name)? {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        }
    }

    /// Tells whether a flag was written.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// Gives the names that were written for an option.
    pub(crate) fn names(&self, name: &str) -> &[Ident] {
        match self.given(name) {
            Some(Given::Names(names)) => names,
            _ => &[],
        }
    }

    /// Gives the names that stand alone behind an option: `call_id = id`.
    pub(crate) fn bare(&self) -> impl Iterator<Item = &Ident> {
        let all = self.0.iter();
        all.filter_map(|(_, given)| match given {
            Given::Expression(Expr::Path(path)) => path.path.get_ident(),
            _ => None,
        })
    }
}

impl Form {
    fn read(&self, key: &Ident, input: ParseStream<'_>) -> Result<Given> {
        match self {
            Self::Flag => {
                if input.is_empty() || input.peek(Token![,]) {
                    return Ok(Given::Flag);
                }
                Err(input.error(format!("`{key}` takes nothing")))
            }
            Self::Names => {
                let usage = format!("`{key}` takes names of arguments: `{key}(a, b)`");
                if !input.peek(syn::token::Paren) {
                    return Err(Error::new(key.span(), usage));
                }
                let content;
                parenthesized!(content in input);
                let names = Punctuated::<Ident, Token![,]>::parse_terminated_with;
                let names = names(&content, Ident::parse_any)
                    .map_err(|error| Error::new(error.span(), usage))?;
                Ok(Given::Names(names.into_iter().collect()))
            }
            Self::Text | Self::Word(_) | Self::Expression => {
                if !input.peek(Token![=]) {
                    let message = format!("`{key}` takes a value: `{key} = {}`", self.example());
                    return Err(Error::new(key.span(), message));
                }
                input.parse::<Token![=]>()?;
                let expression: Expr = input.parse()?;
                self.check(key, &expression)?;
                Ok(Given::Expression(expression))
            }
        }
    }

    const fn example(&self) -> &'static str {
        match self {
            Self::Text => "\"…\"",
            Self::Word([word, ..]) => word,
            _ => "…",
        }
    }

    /// Refuses what cannot be right, where it stands.
    fn check(&self, key: &Ident, expression: &Expr) -> Result<()> {
        let literal = match expression {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        };
        let message = match (self, literal) {
            (Self::Word(words), literal) => match literal {
                Some(Lit::Str(text)) if words.contains(&text.value().as_str()) => return Ok(()),
                _ => format!("`{key}` is one of {}", quoted(words, '"')),
            },
            (Self::Text, Some(literal)) if !matches!(literal, Lit::Str(_)) => {
                format!("`{key}` takes a string literal, or an expression that gives a text")
            }
            (Self::Expression, Some(_)) => format!("`{key}` takes an expression, not a literal"),
            _ => return Ok(()),
        };
        Err(Error::new_spanned(expression, message))
    }
}

fn unknown(key: &Ident, known: &[Known]) -> Error {
    let word = key.to_string();
    let nearest = known
        .iter()
        .map(|(name, _)| (distance(name, &word), name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    let hint = match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => list(known),
    };
    Error::new(key.span(), format!("there is no option `{word}`; {hint}"))
}

fn list(known: &[Known]) -> String {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    format!("the options are {}", quoted(&names, '`'))
}

fn quoted(words: &[&str], mark: char) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("{mark}{word}{mark}"))
        .collect();
    words.join(", ")
}

/// Counts the letters to add, remove or change to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (above, other) in row.iter_mut().skip(1).zip(to.chars()) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *above;
            left = changed.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances() {
        for (from, to, expected) in [
            ("", "", 0),
            ("name", "name", 0),
            ("name", "nam", 1),
            ("name", "mane", 2),
            ("skip", "skipp", 1),
            ("", "id", 2),
            ("description", "descripton", 1),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
            assert_eq!(distance(to, from), expected, "{to} {from}");
        }
    }
}
