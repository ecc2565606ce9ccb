//! The names that a function's arguments have in its body.

use syn::{FnArg, Ident, Pat, Signature};

/// Gives the names that the arguments bind, in order; `self` is none of them.
pub(crate) fn names(signature: &Signature) -> Vec<Ident> {
    let mut names = Vec::new();
    for argument in &signature.inputs {
        if let FnArg::Typed(argument) = argument {
            gather(&argument.pat, &mut names);
        }
    }
    names
}

/// Writes a name as it stands in telemetry, without the `r#` of a raw one.
pub(crate) fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn gather(pattern: &Pat, names: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(pattern) => {
            names.push(pattern.ident.clone());
            if let Some((_, inner)) = &pattern.subpat {
                gather(inner, names);
            }
        }
        Pat::Paren(pattern) => gather(&pattern.pat, names),
        Pat::Reference(pattern) => gather(&pattern.pat, names),
        Pat::Type(pattern) => gather(&pattern.pat, names),
        Pat::Slice(pattern) => pattern.elems.iter().for_each(|pat| gather(pat, names)),
        Pat::Tuple(pattern) => pattern.elems.iter().for_each(|pat| gather(pat, names)),
        Pat::TupleStruct(pattern) => pattern.elems.iter().for_each(|pat| gather(pat, names)),
        Pat::Struct(pattern) => {
            for field in &pattern.fields {
                gather(&field.pat, names);
            }
        }
        // All cases of an `or` bind the same names.
        Pat::Or(pattern) => pattern
            .cases
            .iter()
            .take(1)
            .for_each(|pat| gather(pat, names)),
        _ => {}
    }
}
