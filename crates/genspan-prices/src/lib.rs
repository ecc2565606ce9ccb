//! What calls to models cost: a vendored price table, and users' own prices before it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use genspan::{Billable, Counts, PriceList, Provider, Usage};
//! use genspan_prices::Prices;
//!
//! let prices = Prices::vendored();
//! let (usage, _) = Usage::inclusive(Counts {
//!     input: Some(1_000),
//!     cache_read: Some(600),
//!     output: Some(200),
//!     ..Counts::default()
//! });
//! let mut call = Billable::new(&Provider::OPENAI, usage);
//! call.response_model = Some("gpt-4o-2024-08-06");
//! let cost = prices.price(&call).unwrap();
//! // 400 × $2.50 + 600 × $1.25 + 200 × $10 for a million tokens
//! assert_eq!(cost.amount.to_string(), "0.00375");
//!
//! call.response_model = Some("gpt-4o-unheard-of");
//! assert_eq!(prices.price(&call), None); // unpriced, which is not the same as 0
//! # fn of(builder: genspan::TelemetryBuilder, prices: Prices) -> genspan::TelemetryBuilder {
//! builder.with_prices(Arc::new(prices)) // the telemetry's worker asks it
//! # }
//! ```
//!
//! # What is priced
//!
//! Tokens: input, what was read from a cache and written to one (for the usual time or for longer), output, reasoning
//! where it costs what other output does not, sound and pictures where they are sold apart, prompts beyond a length,
//! service tiers. Tools that a provider runs, such as web search, are paid by the use and are not part of it.
//!
//! A call is priced by the model that answered, where the provider names it, and by the prices of its provider at its
//! host: the same model elsewhere has prices of its own, or is unpriced. Names are known exactly, but for a date behind
//! them and for what a table says may stand around them. Where a token has no known price, or the counts do not tell enough, the call is unpriced. The cost that a
//! provider states itself is for the recorder to prefer.
//!
//! Not priced by these tables: what is paid by the request beside its tokens (Perplexity), deployments whose kind the
//! traffic does not tell (Azure), commitments made in advance, and hosts that are nobody's known (a gateway of one's own
//! is told by `[[gateway]]`).
//!
//! # The tables
//!
//! `prices/*.toml` in this crate, one file a provider; each says where its prices are from and as of when they are
//! believed. A file of one's own has the same form, and what it knows counts before them ([`Prices::with_overrides`]):
//!
//! ```toml
//! [[table]]
//! provider = "openai"            # as gen_ai.provider.name
//! hosts = ["llm.example.com"]    # where these prices hold; anywhere without
//! as_of = 2026-11-20
//! currency = "USD"
//!
//! [[table.model]]
//! names = ["our-model"]
//! input = 0.50                   # for a million tokens
//! cache_read = 0.05
//! output = 2.00
//! tier.flex = { input = 0.25, cache_read = 0.025, output = 1.00 }
//!
//! [[table.model.over]]           # the whole call, where its input is longer
//! input_tokens = 200_000
//! input = 1.00
//! output = 3.00
//!
//! [[table.model]]                # prices that hold for a time
//! names = ["our-other-model"]
//! until = 2026-12-31
//! input = 0.10
//! output = 0.10
//!
//! [[gateway]]                    # passes calls on at their providers' own prices
//! host = "gateway.example.com"
//! ```
//!
//! | key of a table | says |
//! |---|---|
//! | `provider`, `hosts`, `source`, `as_of`, `currency` | whose prices these are, where they hold, who says so, as of when, in which currency (USD) |
//! | `standard_tiers` | the service tiers that cost what calls without one do; one that is neither here nor under `tier` is unpriced |
//! | `prefixes` | what may stand before a model's name, such as `models/` |
//! | `suffixes` | what may stand behind it and costs nothing by itself, such as Claude Code's `[1m]` |
//! | `peak` | hours in UTC, such as `mon-fri 01:00-04:00`, in which models cost what their `peak` says |
//!
//! | key of a model | says |
//! |---|---|
//! | `names` | how it is called |
//! | `from`, `until` | when the prices hold, as a date or a moment in UTC |
//! | `input`, `cache_read`, `cache_write`, `cache_write_long`, `output`, `reasoning`, `audio_input`, `audio_cache_read`, `audio_output`, `image_output` | the price of a million tokens; a token without one leaves the call unpriced |
//! | `request` | the price of the call itself |
//! | `over`, `tier`, `peak` | other prices: for longer prompts, by service tier, at peak hours |

mod error;
mod hours;
mod moment;
mod names;
mod rates;
mod read;
mod table;

use std::{fmt, path::Path};

pub use error::PricesError;
use genspan::{Billable, Cost, PriceList};

use crate::{read::Gateway, table::Table};

/// The tables of this crate, each with what it is called in telemetry.
const VENDORED: [&str; 12] = [
    include_str!("../prices/anthropic.toml"),
    include_str!("../prices/aws_bedrock.toml"),
    include_str!("../prices/cohere.toml"),
    include_str!("../prices/deepseek.toml"),
    include_str!("../prices/gcp_gemini.toml"),
    include_str!("../prices/gcp_vertex_ai.toml"),
    include_str!("../prices/groq.toml"),
    include_str!("../prices/mistral_ai.toml"),
    include_str!("../prices/openai.toml"),
    include_str!("../prices/openai_legacy.toml"),
    include_str!("../prices/perplexity.toml"),
    include_str!("../prices/x_ai.toml"),
];

/// What stands for them in telemetry, before the provider and the date.
const NAME: &str = "genspan-prices";

/// Knows what calls cost.
#[derive(Clone, Default)]
pub struct Prices {
    /// The first that knows a call counts.
    tables: Vec<Table>,
    gateways: Vec<Gateway>,
}

impl Prices {
    /// Knows nothing, so that only a file of one's own counts.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Knows the tables of this crate.
    #[must_use]
    pub fn vendored() -> Self {
        // They are read in tests; what could not be read would be unpriced.
        let files = VENDORED
            .iter()
            .filter_map(|text| read::file(NAME, text).ok());
        let mut prices = Self::none();
        for file in files {
            prices.tables.extend(file.tables);
        }
        prices
    }

    /// Takes a file of prices that count before those known so far.
    ///
    /// # Errors
    ///
    /// Returns an error where the file cannot be read, or says what means nothing; it names the line, the key and what
    /// is expected there.
    pub fn with_overrides(self, path: &Path) -> Result<Self, PricesError> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let text = std::fs::read_to_string(path).map_err(|source| PricesError::Unreadable {
            file: path.display().to_string(),
            source,
        })?;
        self.with_overrides_from(&name.to_string_lossy(), &text)
    }

    /// Takes the text of such a file; `name` stands for it in errors and in telemetry.
    ///
    /// # Errors
    ///
    /// Returns an error where the text says what means nothing.
    pub fn with_overrides_from(mut self, name: &str, text: &str) -> Result<Self, PricesError> {
        let read::File { tables, gateways } = read::file(name, text)?;
        self.tables.splice(0..0, tables);
        self.gateways.splice(0..0, gateways);
        Ok(self)
    }

    /// Lets the prices of providers hold at a host that passes calls on to them.
    #[must_use]
    pub fn with_gateway(mut self, host: impl Into<String>) -> Self {
        self.gateways.push(Gateway {
            host: host.into(),
            provider: None,
        });
        self
    }
}

impl PriceList for Prices {
    fn price(&self, call: &Billable<'_>) -> Option<Cost> {
        let host = call.server.map(|server| server.address.as_str());
        let gateway = host.and_then(|host| self.gateways.iter().find(|it| it.host == host));
        let provider = gateway
            .and_then(|gateway| gateway.provider.as_deref())
            .unwrap_or(call.provider.as_str());
        let is_there = |table: &&Table| {
            let holds = host.is_none_or(|host| table.is_at(host));
            table.provider == provider && (holds || gateway.is_some())
        };
        let mut tables = self.tables.iter().filter(is_there);
        // The first that knows the model counts, and where it lacks a price nobody else has a say.
        let (table, model) = tables.find_map(|table| Some((table, table.model_of(call)?)))?;
        table.price(model, call)
    }
}

impl fmt::Debug for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = self.tables.iter().map(|table| &table.label);
        f.debug_list().entries(tables).finish()
    }
}
