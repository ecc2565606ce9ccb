//! The annotated function, as far as it must be understood.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Block, Error, Expr, ExprAsync, Meta, Result, Signature, Stmt, Token, Visibility,
    braced,
    parse::{Parse, ParseStream, Parser},
};

use crate::returned;

/// Holds a function; its body is not looked into.
pub(crate) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(crate) signature: Signature,
    inner_attributes: Vec<Attribute>,
    body: TokenStream,
}

/// Tells how the body of a function runs.
pub(crate) enum Body {
    /// When the future of an `async fn` is polled.
    Async(TokenStream),
    /// When the future that the function returns is polled.
    Future {
        /// What stands before the future.
        before: Vec<Stmt>,
        /// The future.
        future: Box<ExprAsync>,
        /// The call that the future is an argument of, without the argument: `Box::pin`.
        boxed: Option<Box<Expr>>,
    },
    /// When the function is called.
    Plain(TokenStream),
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let is_function = input.peek(Token![fn])
            || input.peek(Token![async])
            || input.fork().parse::<Signature>().is_ok();
        if !is_function {
            return Err(input.error("only functions can be recorded"));
        }
        let signature: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let message = "a function without a body cannot be recorded: \
                           put the attribute on its implementations";
            return Err(Error::new_spanned(&signature, message));
        }
        if let Some(word) = &signature.constness {
            let message = "a `const fn` cannot be recorded";
            return Err(Error::new_spanned(word, message));
        }
        if let syn::ReturnType::Type(_, output) = &signature.output
            && matches!(**output, syn::Type::Never(_))
        {
            let message = "a function that never returns has no end to record";
            return Err(Error::new_spanned(output, message));
        }
        let content;
        braced!(content in input);
        Ok(Self {
            attributes,
            visibility,
            signature,
            inner_attributes: content.call(Attribute::parse_inner)?,
            body: content.parse()?,
        })
    }
}

impl Function {
    /// Gives the function's own name, without the `r#` of a raw one.
    pub(crate) fn name(&self) -> String {
        let name = self.signature.ident.to_string();
        name.strip_prefix("r#").unwrap_or(&name).to_owned()
    }

    /// Gives the first paragraph of the doc comment, as one line.
    pub(crate) fn summary(&self) -> Option<String> {
        let lines = self.attributes.iter().filter_map(doc_line);
        let lines: Vec<String> = lines
            .map(|line| line.trim().to_owned())
            .skip_while(String::is_empty)
            .take_while(|line| !line.is_empty())
            .collect();
        (!lines.is_empty()).then(|| lines.join(" "))
    }

    /// Finds out how the body runs.
    pub(crate) fn body(&self) -> Result<Body> {
        if self.signature.asyncness.is_some() {
            return Ok(Body::Async(self.body.clone()));
        }
        if !returned::is_future(&self.signature.output) {
            return Ok(Body::Plain(self.body.clone()));
        }
        let mut before = Block::parse_within.parse2(self.body.clone())?;
        let (boxed, future) = match before.pop() {
            Some(Stmt::Expr(Expr::Async(future), None)) => (None, future),
            Some(Stmt::Expr(Expr::Call(mut call), None)) => match call.args.pop() {
                Some(argument) if call.args.is_empty() => match argument.into_value() {
                    Expr::Async(future) => (Some(call.func), future),
                    _ => return Err(self.opaque()),
                },
                _ => return Err(self.opaque()),
            },
            _ => return Err(self.opaque()),
        };
        Ok(Body::Future {
            before,
            future: Box::new(future),
            boxed,
        })
    }

    fn opaque(&self) -> Error {
        let message = "the future that this function returns is made elsewhere: \
                       write `async fn`, or end the body with `async move { … }`";
        Error::new_spanned(&self.signature.output, message)
    }

    /// Writes the function with another body.
    pub(crate) fn with_body(&self, body: &TokenStream) -> TokenStream {
        let Self {
            attributes,
            visibility,
            signature,
            inner_attributes,
            ..
        } = self;
        quote! {
            #(#attributes)*
            #visibility #signature {
                #(#inner_attributes)*
                #body
            }
        }
    }
}

/// Gives the text of a line of a doc comment.
fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match syn::parse2(pair.value.to_token_stream()) {
        Ok(syn::Lit::Str(line)) => Some(line.value()),
        _ => None,
    }
}
