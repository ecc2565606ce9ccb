//! The attribute `tool`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Error, Ident, Result};

use crate::{
    arguments,
    expand::{self, Frame},
    function::Function,
    options::{Form, Known, Options},
};

const KNOWN: &[Known] = &[
    ("name", Form::Text),
    ("description", Form::Text),
    ("type", Form::Word(&["function", "extension", "datastore"])),
    ("call_id", Form::Text),
    ("telemetry", Form::Expression),
    ("skip", Form::Names),
    ("skip_all", Form::Flag),
    ("skip_result", Form::Flag),
];

/// Writes a function that records its runs as a tool's.
pub(crate) fn expand(options: TokenStream, function: &Function) -> Result<TokenStream> {
    let options = Options::parse(options, KNOWN)?;
    let result = quote_spanned!(Span::mixed_site()=>
        (&&&::genspan::__annotate::Seen(value)).genspan_value()
    );
    let frame = Frame {
        record: record(function, &options),
        inputs: inputs(function, &options)?,
        result: (!options.has("skip_result")).then_some(result),
    };
    expand::function(function, &options, &frame)
}

fn record(function: &Function, options: &Options) -> TokenStream {
    let name = function.name();
    let kind = match options.literal("type").as_deref() {
        Some("extension") => "Extension",
        Some("datastore") => "Datastore",
        _ => "Function",
    };
    let kind = Ident::new(kind, Span::call_site());
    let rename = options.expression("name").map(|name| {
        let name = expand::text(name);
        quote_spanned! {Span::mixed_site()=>
            if let ::core::option::Option::Some(name) = #name {
                record.name = name;
            }
        }
    });
    let description = match options.expression("description") {
        Some(description) => Some(expand::text(description)),
        None => function.summary().map(
            |summary| quote_spanned!(Span::mixed_site()=> ::genspan::__annotate::text(#summary)),
        ),
    };
    let description = description
        .map(|description| quote_spanned!(Span::mixed_site()=> record.description = #description;));
    let call_id = options.expression("call_id").map(|call_id| {
        let call_id = expand::text(call_id);
        quote_spanned!(Span::mixed_site()=> record.call_id = #call_id;)
    });
    quote_spanned! {Span::mixed_site()=>
        {
            let mut record = ::genspan::ToolExecution::new(#name);
            record.tool_type = ::core::option::Option::Some(::genspan::ToolType::#kind);
            #rename
            #description
            #call_id
            record
        }
    }
}

/// Writes how the arguments are noted, each under its name.
fn inputs(function: &Function, options: &Options) -> Result<TokenStream> {
    let names = arguments::names(&function.signature);
    for skipped in options.names("skip") {
        if !names.contains(skipped) {
            return Err(not_an_argument(function, skipped, &names));
        }
    }
    let is_noted = |name: &&Ident| {
        let is_named_elsewhere = options.bare().any(|bare| bare == *name);
        let is_skipped = options.names("skip").contains(name);
        !is_skipped && !is_named_elsewhere && !name.to_string().starts_with('_')
    };
    let noted: Vec<&Ident> = names.iter().filter(is_noted).collect();
    if noted.is_empty() || options.has("skip_all") {
        return Ok(TokenStream::new());
    }
    let keys = noted.iter().map(|name| arguments::plain(name));
    Ok(quote_spanned! {Span::mixed_site()=>
        if call.wants_content() {
            use ::genspan::__annotate::looking::*;
            #(
                let seen = (&&&::genspan::__annotate::Seen(&#noted)).genspan_value();
                call.argument(#keys, seen);
            )*
        }
    })
}

fn not_an_argument(function: &Function, skipped: &Ident, names: &[Ident]) -> Error {
    let own = function.name();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = if skipped == "self" {
        "`self` is never recorded".to_owned()
    } else if names.is_empty() {
        format!("`{own}` has no arguments to skip")
    } else {
        let names = names.join(", ");
        format!("`{own}` has no argument `{skipped}`; it has {names}")
    };
    Error::new(skipped.span(), message)
}
