#![allow(unused)]

use genspan::{agent, tool};

#[tool(descripton = "Looks up the weather.")]
async fn misspelt(city: &str) {}

#[agent(color = "red")]
async fn unknown() {}

#[agent(skip(city))]
async fn of_tools_alone(city: &str) {}

#[tool(name = "a", name = "b")]
async fn twice() {}

#[tool("search")]
async fn unnamed() {}

#[tool(name)]
async fn without_value() {}

#[tool(name = 3)]
async fn number() {}

#[tool(type = "search")]
async fn no_type() {}

#[tool(telemetry = "global")]
async fn no_recorder() {}

#[tool(skip_all = true)]
async fn flag() {}

#[tool(skip = "city")]
async fn no_list(city: &str) {}

#[tool(skip(town))]
async fn no_argument(city: &str, days: u32) {}

#[agent(input = town)]
async fn no_input(city: &str) {}

struct Weather;

impl Weather {
    #[tool(skip(self))]
    async fn never_recorded(&self) {}
}

fn main() {}
