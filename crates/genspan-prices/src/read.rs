//! Reads tables from TOML, and says exactly what is wrong with them.

mod prices;
mod value;

use genspan::Timestamp;
use toml::de::{DeTable, DeValue};

use self::{
    prices::card,
    value::{Entry, Source},
};
use crate::{
    PricesError,
    hours::Hours,
    table::{Model, Table},
};

/// Holds what a file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) tables: Vec<Table>,
    pub(crate) gateways: Vec<Gateway>,
}

/// Names a host that passes calls on to providers at their own prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gateway {
    pub(crate) host: String,
    /// Whose prices hold there; those of the provider that each call names where there is none.
    pub(crate) provider: Option<String>,
}

/// Reads a file's text; `name` stands for it in errors and, before the provider, in telemetry.
pub(crate) fn file(name: &str, text: &str) -> Result<File, PricesError> {
    let source = Source { name, text };
    let document = DeTable::parse(text).map_err(|error| source.syntax(&error))?;
    let mut file = File::default();
    for entry in source.entries(document.get_ref()) {
        match entry.key {
            "table" => {
                for (at, table) in entry.tables()? {
                    file.tables.push(self::table(&source, at, table)?);
                }
            }
            "gateway" => {
                for (at, table) in entry.tables()? {
                    file.gateways.push(gateway(&source, at, table)?);
                }
            }
            _ => return Err(entry.unknown("table or gateway")),
        }
    }
    Ok(file)
}

fn gateway(source: &Source<'_>, at: usize, table: &DeTable<'_>) -> Result<Gateway, PricesError> {
    let (mut host, mut provider) = (None, None);
    for entry in source.entries(table) {
        match entry.key {
            "host" => host = Some(entry.text("a host's name")?),
            "provider" => provider = Some(entry.text(PROVIDER)?),
            _ => return Err(entry.unknown("host or provider")),
        }
    }
    let host = host.ok_or_else(|| source.missing(at, "host", "a host's name"))?;
    Ok(Gateway { host, provider })
}

const PROVIDER: &str = "a provider as gen_ai.provider.name names it, such as \"openai\"";
const CURRENCY: &str = "a currency's code of three letters, such as \"USD\"";
const DATE: &str = "a date such as 2026-11-20, or a moment such as 2026-11-20T16:00:00Z";

fn table(source: &Source<'_>, at: usize, written: &DeTable<'_>) -> Result<Table, PricesError> {
    let mut table = Table::in_usd();
    let mut as_of = None;
    for entry in source.entries(written) {
        match entry.key {
            "provider" => table.provider = entry.text(PROVIDER)?,
            "source" => {
                entry.text("where the prices are from")?;
            }
            "as_of" => {
                entry.moment(DATE)?;
                as_of = Some(entry.raw().to_owned());
            }
            "currency" => table.currency = currency(&entry)?,
            "hosts" => table.hosts = entry.texts("a list of hosts")?,
            "standard_tiers" => table.standard_tiers = entry.texts("a list of service tiers")?,
            "prefixes" => table.prefixes = entry.texts("a list of beginnings of names")?,
            "suffixes" => table.suffixes = entry.texts("a list of endings of names")?,
            "peak" => table.peak = hours(&entry)?,
            "model" => {
                for (at, written) in entry.tables()? {
                    table.models.push(model(source, at, written)?);
                }
            }
            _ => {
                return Err(entry.unknown(
                    "provider, source, as_of, currency, hosts, standard_tiers, prefixes, suffixes, peak \
                     or model",
                ));
            }
        }
    }
    if table.provider.is_empty() {
        return Err(source.missing(at, "provider", PROVIDER));
    }
    table.label = format!("{} {}", source.name, table.provider);
    if let Some(as_of) = as_of {
        table.label = format!("{} {as_of}", table.label);
    }
    table.index();
    Ok(table)
}

fn currency(entry: &Entry<'_>) -> Result<String, PricesError> {
    let text = entry.text(CURRENCY)?;
    let is_code = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    is_code.then_some(text).ok_or_else(|| entry.wrong(CURRENCY))
}

fn hours(entry: &Entry<'_>) -> Result<Vec<Hours>, PricesError> {
    const HOURS: &str = "a list of hours in UTC such as \"mon-fri 01:00-04:00\"";
    let texts = entry.texts(HOURS)?;
    let hours: Option<_> = texts.iter().map(|text| Hours::read(text)).collect();
    hours.ok_or_else(|| entry.wrong(HOURS))
}

fn model(source: &Source<'_>, at: usize, written: &DeTable<'_>) -> Result<Model, PricesError> {
    const NAMES: &str = "a list of the model's names";
    let mut model = Model::default();
    for entry in source.entries(written) {
        match entry.key {
            "names" => model.names = entry.texts(NAMES)?,
            "from" => model.from = Some(entry.moment(DATE)?),
            "until" => model.until = Some(entry.moment(DATE)?),
            "peak" => {
                let prices = entry.table("the prices of peak hours")?;
                model.peak = Some(card(source, prices, &["over"])?);
            }
            "tier" => {
                for tier in source.entries(entry.table("prices by service tier")?) {
                    let prices = tier.table("the tier's prices")?;
                    let card = card(source, prices, &["over"])?;
                    model.tiers.insert(tier.key.to_owned(), card);
                }
            }
            _ => {}
        }
    }
    if model.names.is_empty() {
        return Err(source.missing(at, "names", NAMES));
    }
    check_order(source, at, model.from, model.until)?;
    const OTHERS: [&str; 6] = ["names", "from", "until", "peak", "tier", "over"];
    model.standard = card(source, written, &OTHERS)?;
    Ok(model)
}

fn check_order(
    source: &Source<'_>,
    at: usize,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<(), PricesError> {
    match (from, until) {
        (Some(from), Some(until)) if from >= until => {
            Err(source.missing(at, "until", "a moment after from"))
        }
        _ => Ok(()),
    }
}

/// Tells whether a value is a table, for errors about what is none.
const fn as_table<'v, 'i>(value: &'v DeValue<'i>) -> Option<&'v DeTable<'i>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}
