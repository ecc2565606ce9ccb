//! Annotated functions stay what they were, whatever shape they have.

use std::{
    borrow::Cow,
    cell::Cell,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use genspan::{agent, tool};

use crate::rig::{Rig, pause};

fn is_send<T: Send>(value: T) -> T {
    value
}

/// Gives the names of the spans that a future leaves.
fn names<F: Future>(work: impl FnOnce() -> F) -> Vec<String> {
    let rig = Rig::with_content();
    rig.scope().run(|| rig.run(work()));
    let spans = rig.spans();
    spans.into_iter().map(|span| span.signals.name).collect()
}

#[derive(Debug, Default)]
struct Counter {
    count: u32,
}

impl Counter {
    #[tool]
    pub(crate) async fn by_reference(&self) -> &u32 {
        pause().await;
        &self.count
    }

    #[tool]
    async fn by_mutable_reference(&mut self, by: u32) -> &mut u32 {
        self.count += by;
        &mut self.count
    }

    #[tool]
    async fn by_value(mut self) -> Self {
        self.count += 1;
        self
    }

    #[tool]
    async fn by_arc(self: Arc<Self>) -> u32 {
        self.count
    }

    #[tool]
    async fn by_pin(self: Pin<&mut Self>, mut by: u32) -> u32 {
        by += 1;
        self.count + by
    }

    #[tool]
    fn now(&mut self, by: u32) -> &mut u32 {
        self.count += by;
        &mut self.count
    }

    #[agent(input = question)]
    async fn ask<'a>(&self, question: &'a str) -> &'a str {
        pause().await;
        question
    }
}

#[test]
fn methods() {
    let ran = names(|| async {
        let mut counter = Counter::default();
        assert_eq!(is_send(counter.by_reference()).await, &0);
        *is_send(counter.by_mutable_reference(2)).await += 1;
        *counter.now(1) += 1;
        let mut counter = is_send(counter.by_value()).await;
        assert_eq!(counter.count, 6);
        assert_eq!(is_send(Pin::new(&mut counter).by_pin(1)).await, 8);
        assert_eq!(is_send(counter.ask("why?")).await, "why?");
        assert_eq!(is_send(Arc::new(counter).by_arc()).await, 6);
    });
    let expected = [
        "execute_tool by_reference",
        "execute_tool by_mutable_reference",
        "execute_tool now",
        "execute_tool by_value",
        "execute_tool by_pin",
        "invoke_agent ask",
        "execute_tool by_arc",
    ];
    assert_eq!(ran, expected);
}

trait Search {
    type Found;

    fn search(&self, query: &str) -> impl Future<Output = Result<Self::Found, String>> + Send;

    #[tool]
    async fn provided(&self) -> u8 {
        7
    }
}

impl Search for Counter {
    type Found = Vec<String>;

    #[tool]
    async fn search(&self, query: &str) -> Result<Self::Found, String> {
        pause().await;
        Ok(vec![query.to_owned()])
    }
}

#[async_trait]
trait Boxed {
    async fn boxed(&self, query: &str, by: u32) -> Result<u32, std::num::ParseIntError>;

    #[tool]
    async fn boxed_provided(&self) -> u8 {
        7
    }
}

#[async_trait]
impl Boxed for Counter {
    /// Adds what a text says.
    #[tool(name = "boxed_in_impl")]
    async fn boxed(&self, query: &str, mut by: u32) -> Result<u32, std::num::ParseIntError> {
        pause().await;
        by += query.parse::<u32>()?;
        Ok(self.count + by)
    }
}

#[test]
fn traits() {
    let ran = names(|| async {
        let counter = Counter::default();
        assert_eq!(is_send(counter.search("x")).await.unwrap(), ["x"]);
        assert_eq!(counter.provided().await, 7);
        assert_eq!(counter.boxed_provided().await, 7);
        let counter: &(dyn Boxed + Sync) = &counter;
        assert!(is_send(counter.boxed("x", 1)).await.is_err());
    });
    let expected = [
        "execute_tool search",
        "execute_tool provided",
        "execute_tool boxed_provided",
        "execute_tool boxed_in_impl",
    ];
    assert_eq!(ran, expected);
}

#[test]
fn a_boxed_future_records_arguments_result_and_parent() {
    let rig = Rig::with_content();
    assert_eq!(rig.run(Counter::default().boxed("2", 1)), Ok(3));
    insta::assert_snapshot!(rig.tree(), @r#"
    execute_tool boxed_in_impl [Internal] 1ms
      gen_ai.operation.name = "execute_tool"
      gen_ai.tool.name = "boxed_in_impl"
      gen_ai.tool.type = "function"
      gen_ai.tool.description = "Adds what a text says."
      gen_ai.tool.call.arguments = {"query":"2","by":1}
      gen_ai.tool.call.result = {"result":3}
    "#);
}

#[tool]
async fn generic<'a, T, const N: usize>(items: [T; N], first: &'a T) -> (usize, &'a T)
where
    T: Clone + Send + Sync,
{
    pause().await;
    (items.len(), first)
}

#[tool]
async fn coerced(text: &str) -> Result<Box<dyn FnOnce() -> usize + Send>, String> {
    let length = text.len();
    if length == 0 {
        return Ok(Box::new(|| 0));
    }
    Ok(Box::new(move || length))
}

#[tool]
fn opaque(up_to: u32) -> Result<impl Iterator<Item = u32>, String> {
    Ok(0..up_to)
}

#[tool]
async fn opaque_later(up_to: impl Into<u32> + Send) -> impl Iterator<Item = u32> {
    0..up_to.into()
}

#[tool]
async fn not_sync(value: Cell<u32>) -> Cell<u32> {
    pause().await;
    value
}

#[tool]
fn borrowed(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        return "none".into();
    }
    text.into()
}

#[tool]
fn by_hand(city: &str) -> impl Future<Output = Result<usize, std::fmt::Error>> + Send {
    let length = city.len();
    async move {
        pause().await;
        Err(std::fmt::Error).or(Ok(length))
    }
}

#[tool]
fn by_hand_boxed<'a>(city: &'a str) -> Pin<Box<dyn Future<Output = &'a str> + Send + 'a>> {
    Box::pin(async move {
        pause().await;
        city
    })
}

#[test]
fn generics_and_opaque_types() {
    let ran = names(|| async {
        assert_eq!(is_send(generic([1, 2], &3)).await, (2, &3));
        assert_eq!(is_send(coerced("four")).await.unwrap()(), 4);
        assert_eq!(opaque(3).unwrap().sum::<u32>(), 3);
        assert_eq!(is_send(opaque_later(3_u8)).await.sum::<u32>(), 3);
        assert_eq!(is_send(not_sync(Cell::new(3))).await.get(), 3);
        assert_eq!(borrowed("text"), "text");
        assert_eq!(is_send(by_hand("Paris")).await, Ok(5));
        assert_eq!(is_send(by_hand_boxed("Paris")).await, "Paris");
    });
    let expected = [
        "execute_tool generic",
        "execute_tool coerced",
        "execute_tool opaque",
        "execute_tool opaque_later",
        "execute_tool not_sync",
        "execute_tool borrowed",
        "execute_tool by_hand",
        "execute_tool by_hand_boxed",
    ];
    assert_eq!(ran, expected);
}

/// Is taken apart in a signature; its drop is seen.
struct Noisy(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[tool(skip_all)]
#[must_use]
#[inline]
async fn dropping(unused: Noisy, used: Noisy) -> usize {
    #![allow(unused_variables, reason = "an inner attribute stays where it is")]
    let call = used.0; // names of the expansion's own do not meet those of the body
    let result = call.len();
    result.min(call.len())
}

#[test]
fn arguments_are_dropped_at_the_end() {
    let dropped = Arc::new(Mutex::new(Vec::new()));
    let noisy = |name| Noisy(name, Arc::clone(&dropped));
    let rig = Rig::without_content();
    assert_eq!(rig.run(dropping(noisy("unused"), noisy("used"))), 4);
    assert_eq!(*dropped.lock().unwrap(), ["used", "unused"]);
}

mod elsewhere {
    use genspan::tool;

    /// Shadow what the expansion names.
    pub(super) struct Result;
    pub(super) struct Option;

    #[tool]
    pub(super) async fn visible(value: u8) -> u8 {
        value
    }
}

#[test]
fn names_of_the_crates_own_do_not_matter() {
    let _shadows = (elsewhere::Result, elsewhere::Option);
    let ran = names(|| async { elsewhere::visible(1).await });
    assert_eq!(ran, ["execute_tool visible"]);
}
