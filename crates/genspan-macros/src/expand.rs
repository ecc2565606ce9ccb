//! What the two attributes have in common: a body between a beginning and an end.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, Result, spanned::Spanned};

use crate::{
    function::{Body, Function},
    options::Options,
    returned,
};

/// Holds the code round a body.
pub(crate) struct Frame {
    /// Makes the record; a block.
    pub(crate) record: TokenStream,
    /// Notes inputs in the variable `call`, where content is wanted.
    pub(crate) inputs: TokenStream,
    /// Gives the result as a value, from the variable `value`; `None` where it is left out.
    pub(crate) result: Option<TokenStream>,
}

/// Expands an attribute; where that fails, the item stays as it is beside the error, so that the
/// rest of the crate still knows it.
pub(crate) fn with_item(
    options: TokenStream,
    item: &TokenStream,
    expand: impl FnOnce(TokenStream, &Function) -> Result<TokenStream>,
) -> TokenStream {
    let function = syn::parse2::<Function>(item.clone());
    match function.and_then(|function| expand(options, &function)) {
        Ok(expanded) => expanded,
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#error #item)
        }
    }
}

/// Writes the function with the frame round its body.
pub(crate) fn function(
    function: &Function,
    options: &Options,
    frame: &Frame,
) -> Result<TokenStream> {
    let output = &function.signature.output;
    let body = match function.body()? {
        Body::Async(body) => {
            let output = returned::of(output);
            frame.around_future(options, &quote!(async move), &output, &body)
        }
        Body::Future {
            before,
            future,
            boxed,
        } => {
            let output = returned::of_future(output);
            let capture = future.capture;
            let keywords = quote!(async #capture);
            let attributes = &future.attrs;
            let statements = &future.block.stmts;
            let inner = frame.around_future(options, &keywords, &output, &quote!(#(#statements)*));
            let future = quote!(#(#attributes)* #keywords { #inner });
            match boxed {
                Some(call) => quote!(#(#before)* #call(#future)),
                None => quote!(#(#before)* #future),
            }
        }
        Body::Plain(body) => {
            let output = returned::of(output);
            let run = quote_spanned! {Span::mixed_site()=>
                call.run_now(move || -> #output { #body })
            };
            frame.around(options, &run)
        }
    };
    Ok(function.with_body(&body))
}

impl Frame {
    fn around_future(
        &self,
        options: &Options,
        keywords: &TokenStream,
        output: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        // The first `return` fixes the type of the block, as a signature would; it is never reached.
        let run = quote_spanned! {Span::mixed_site()=>
            call.run(#keywords {
                if let ::core::option::Option::Some(returned) =
                    ::genspan::__annotate::nothing::<#output>()
                {
                    return returned;
                }
                #body
            })
            .await
        };
        self.around(options, &run)
    }

    fn around(&self, options: &Options, run: &TokenStream) -> TokenStream {
        let Self { record, inputs, .. } = self;
        let call = match options.expression("telemetry") {
            Some(telemetry) => {
                let telemetry = reference(telemetry);
                quote_spanned!(Span::mixed_site()=> with(#telemetry, || #record))
            }
            None => quote_spanned!(Span::mixed_site()=> ambient(|| #record)),
        };
        let end = self.end();
        quote_spanned! {Span::mixed_site()=>
            let mut call = ::genspan::__annotate::Call::#call;
            #inputs
            let result = #run;
            #end
            result
        }
    }

    fn end(&self) -> TokenStream {
        let note = self.result.as_ref().map(|seen| {
            quote_spanned! {Span::mixed_site()=>
                if call.wants_content() {
                    let seen = #seen;
                    call.result(seen);
                }
            }
        });
        let value = match note {
            Some(_) => quote_spanned!(Span::mixed_site()=> value),
            None => quote!(_),
        };
        quote_spanned! {Span::mixed_site()=>
            if call.is_recorded() {
                use ::genspan::__annotate::looking::*;
                match (&&::genspan::__annotate::Returned(&result)).genspan_result() {
                    ::core::result::Result::Ok(#value) => {
                        #note
                        call.finish();
                    }
                    ::core::result::Result::Err(error) => {
                        let failure = (&&&&&call.fault(error)).genspan_failure();
                        call.fail(failure);
                    }
                }
            }
        }
    }
}

/// Writes a reference to an expression, so that errors of its type stand where it stands.
pub(crate) fn reference(expression: &Expr) -> TokenStream {
    let place = Span::mixed_site().located_at(expression.span());
    quote_spanned!(place=> &(#expression))
}

/// Writes the text of an option, an `Option<String>`.
pub(crate) fn text(expression: &Expr) -> TokenStream {
    let place = Span::mixed_site().located_at(expression.span());
    let expression = reference(expression);
    quote_spanned!(place=> ::genspan::__annotate::text(#expression))
}
