//! Values of the options of `serve`.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

/// Says where one of the ports is, with or without an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listen {
    Port(u16),
    Address(SocketAddr),
}

impl Listen {
    pub(super) fn on(self, ip: IpAddr) -> SocketAddr {
        match self {
            Self::Port(port) => SocketAddr::new(ip, port),
            Self::Address(address) => address,
        }
    }
}

/// Says that a value cannot be followed, and what would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub(super) struct Expected(&'static str);

impl FromStr for Listen {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let port = text.parse().map(Self::Port);
        let listen = port.or_else(|_| text.parse().map(Self::Address));
        listen.map_err(|_| {
            Expected(
                "a port such as 4317, 0 for any free one, or an address such as 127.0.0.1:4317",
            )
        })
    }
}

/// Says how long traces are kept; `None` is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age(pub(super) Option<Duration>);

/// Says how many bytes are kept; `None` is as many as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(pub(super) Option<u64>);

impl FromStr for Age {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let seconds = amount(text, &[("d", 86_400), ("h", 3_600), ("m", 60)]);
        let age = seconds.ok_or(Expected(
            "an age such as 14d, 36h or 30m, or `off` to keep all",
        ))?;
        Ok(Self(age.map(Duration::from_secs)))
    }
}

impl FromStr for Size {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let units = [
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
            ("TB", 1_000_000_000_000),
        ];
        let size = amount(text, &units);
        size.map(Self).ok_or(Expected(
            "a size such as 2GB or 500MB, or `off` to keep all",
        ))
    }
}

/// Reads a whole number above 0 with one of the units; `Some(None)` where it is `off`.
fn amount(text: &str, units: &[(&str, u64)]) -> Option<Option<u64>> {
    if text == "off" {
        return Some(None);
    }
    let (number, factor) = units.iter().find_map(|(unit, factor)| {
        let number = text.strip_suffix(unit)?;
        Some((number.trim_end().parse::<u64>().ok()?, factor))
    })?;
    (number > 0)
        .then(|| number.checked_mul(*factor))
        .flatten()
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_on_the_common_address() {
        let ip = IpAddr::from([127, 0, 0, 2]);
        let on = |text: &str| {
            text.parse::<Listen>()
                .map(|listen| listen.on(ip).to_string())
        };
        assert_eq!(on("0"), Ok("127.0.0.2:0".to_owned()));
        assert_eq!(on("[::1]:4317"), Ok("[::1]:4317".to_owned()));
        let error = on("localhost:4317").unwrap_err();
        insta::assert_snapshot!(error, @"expected a port such as 4317, 0 for any free one, or an address such as 127.0.0.1:4317");
        assert!(on("65536").is_err());
    }

    #[test]
    fn ages_and_sizes_have_units() {
        let hours = |hours: u64| Ok(Age(Some(Duration::from_secs(hours * 3_600))));
        assert_eq!("14d".parse(), hours(14 * 24));
        assert_eq!("36h".parse(), hours(36));
        assert_eq!("off".parse(), Ok(Age(None)));
        assert_eq!("2GB".parse(), Ok(Size(Some(2_000_000_000))));
        assert_eq!("500 MB".parse(), Ok(Size(Some(500_000_000))));
        for wrong in [
            "",
            "14",
            "d",
            "-1d",
            "0d",
            "1.5d",
            "99999999999999999999d",
            "99999999999999999d",
        ] {
            assert!(wrong.parse::<Age>().is_err(), "{wrong}");
        }
        let errors = format!(
            "{}; {}",
            "2".parse::<Age>().unwrap_err(),
            "2".parse::<Size>().unwrap_err()
        );
        insta::assert_snapshot!(errors, @"expected an age such as 14d, 36h or 30m, or `off` to keep all; expected a size such as 2GB or 500MB, or `off` to keep all");
    }
}
