#![allow(unused)]

use std::{future::Future, pin::Pin};

use genspan::{agent, tool};

#[tool]
struct NoFunction;

#[agent]
pub trait NoFunctionEither {
    #[tool]
    async fn without_body(&self);
}

#[agent]
fn not_async(question: &str) -> String {
    question.to_owned()
}

#[tool]
const fn constant() -> u32 {
    1
}

#[tool]
async fn endless() -> ! {
    loop {}
}

#[tool]
fn made_elsewhere(city: &str) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
    Box::pin(made(city))
}

async fn made(_city: &str) {}

fn main() {}
