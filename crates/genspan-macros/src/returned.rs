//! What a function returns.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, ReturnType, Type,
    TypeParamBound, punctuated::Punctuated, token::Plus,
};

/// Tells whether a function returns a future, as far as the signature says so.
pub(crate) fn is_future(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, output) => future_output(output).is_some(),
    }
}

/// Writes the type that a function's body gives, with `_` for what cannot be written there.
pub(crate) fn of(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, output) => named(output),
    }
}

/// Writes the type that the future which a function returns gives.
pub(crate) fn of_future(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(_),
        ReturnType::Type(_, output) => future_output(output).map_or_else(|| quote!(_), named),
    }
}

fn named(output: &Type) -> TokenStream {
    let mut output = output.clone();
    erase(&mut output);
    output.into_token_stream()
}

/// Finds `T` in `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>` and `BoxFuture<'_, T>`.
fn future_output(output: &Type) -> Option<&Type> {
    match output {
        Type::ImplTrait(output) => output_of_bounds(&output.bounds),
        Type::TraitObject(output) => output_of_bounds(&output.bounds),
        Type::Group(output) => future_output(&output.elem),
        Type::Paren(output) => future_output(&output.elem),
        Type::Path(output) => {
            let last = output.path.segments.last()?;
            let inner = last_type(last)?;
            match last.ident.to_string().as_str() {
                "Pin" | "Box" => future_output(inner),
                "BoxFuture" | "LocalBoxFuture" => Some(inner),
                _ => None,
            }
        }
        _ => None,
    }
}

fn output_of_bounds(bounds: &Punctuated<TypeParamBound, Plus>) -> Option<&Type> {
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        if last.ident != "Future" {
            return None;
        }
        arguments(last)?.args.iter().find_map(|argument| {
            let GenericArgument::AssocType(output) = argument else {
                return None;
            };
            (output.ident == "Output").then_some(&output.ty)
        })
    })
}

fn last_type(segment: &PathSegment) -> Option<&Type> {
    let types = arguments(segment)?.args.iter();
    types
        .filter_map(|argument| match argument {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        })
        .next_back()
}

const fn arguments(segment: &PathSegment) -> Option<&AngleBracketedGenericArguments> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    }
}

/// Replaces every `impl Trait`, which cannot be named in a body.
fn erase(output: &mut Type) {
    match output {
        Type::ImplTrait(_) => *output = Type::Verbatim(quote!(_)),
        Type::Array(outer) => erase(&mut outer.elem),
        Type::Group(outer) => erase(&mut outer.elem),
        Type::Paren(outer) => erase(&mut outer.elem),
        Type::Ptr(outer) => erase(&mut outer.elem),
        Type::Reference(outer) => erase(&mut outer.elem),
        Type::Slice(outer) => erase(&mut outer.elem),
        Type::Tuple(outer) => outer.elems.iter_mut().for_each(erase),
        Type::Path(outer) => {
            for segment in &mut outer.path.segments {
                let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else {
                    continue;
                };
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(inner) = argument {
                        erase(inner);
                    }
                }
            }
        }
        _ => {}
    }
}
