//! The attribute `agent`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Error, Expr, Result};

use crate::{
    arguments,
    expand::{self, Frame},
    function::{Body, Function},
    options::{Form, Known, Options},
};

const KNOWN: &[Known] = &[
    ("name", Form::Text),
    ("id", Form::Text),
    ("description", Form::Text),
    ("version", Form::Text),
    ("provider", Form::Text),
    ("model", Form::Text),
    ("conversation_id", Form::Text),
    ("input", Form::Expression),
    ("skip_result", Form::Flag),
    ("telemetry", Form::Expression),
];

/// Writes a function that records its runs as an agent's.
pub(crate) fn expand(options: TokenStream, function: &Function) -> Result<TokenStream> {
    let options = Options::parse(options, KNOWN)?;
    if let Body::Plain(_) = function.body()? {
        let message = "an agent is an `async fn`: what it calls takes time";
        return Err(Error::new_spanned(function.signature.fn_token, message));
    }
    let result = quote_spanned!(Span::mixed_site()=>
        (&&&::genspan::__annotate::Said(value)).genspan_value()
    );
    let frame = Frame {
        record: record(function, &options),
        inputs: input(function, &options)?,
        result: (!options.has("skip_result")).then_some(result),
    };
    expand::function(function, &options, &frame)
}

fn record(function: &Function, options: &Options) -> TokenStream {
    let own = function.name();
    let set = |option: &str, field: TokenStream| {
        let value = expand::text(options.expression(option)?);
        Some(quote_spanned!(Span::mixed_site()=> record.#field = #value;))
    };
    let rename = options.expression("name").map(|name| {
        let name = expand::text(name);
        quote_spanned!(Span::mixed_site()=> record.name = #name.or(record.name);)
    });
    let fields = [
        set("id", quote!(id)),
        set("description", quote!(description)),
        set("version", quote!(version)),
        set("model", quote!(request.model)),
        set("conversation_id", quote!(common.conversation_id)),
    ];
    let fields: Vec<&TokenStream> = fields.iter().flatten().collect();
    let site = options.expression("provider").map(|provider| {
        let provider = expand::text(provider);
        quote_spanned! {Span::mixed_site()=>
            record.site = ::genspan::AgentSite::InProcess {
                provider: #provider.map(::genspan::Provider::new),
            };
        }
    });
    let is_changed = rename.is_some() || site.is_some() || !fields.is_empty();
    let mutability = is_changed.then(|| quote!(mut));
    quote_spanned! {Span::mixed_site()=>
        {
            let #mutability record = ::genspan::AgentInvocation::new(#own);
            #rename
            #(#fields)*
            #site
            record
        }
    }
}

/// Writes how the input is noted.
fn input(function: &Function, options: &Options) -> Result<TokenStream> {
    let Some(input) = options.expression("input") else {
        return Ok(TokenStream::new());
    };
    if let Expr::Path(path) = input
        && let Some(name) = path.path.get_ident()
        && !arguments::names(&function.signature).contains(name)
    {
        let own = function.name();
        let message = format!("`{own}` has no argument `{name}`");
        return Err(Error::new(name.span(), message));
    }
    let input = expand::reference(input);
    Ok(quote_spanned! {Span::mixed_site()=>
        if call.wants_content() {
            use ::genspan::__annotate::looking::*;
            let seen = (&&&::genspan::__annotate::Said(#input)).genspan_value();
            call.input(seen);
        }
    })
}
