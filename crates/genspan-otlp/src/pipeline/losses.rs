//! Losses as a metric, so that they show where the telemetry is looked at.

use genspan::{
    Timestamp,
    semconv::{
        self,
        attribute::{GENSPAN_DROP_REASON, GENSPAN_DROP_SIGNAL},
    },
};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, NumberDataPoint, Sum, metric::Data, number_data_point,
};

use crate::{Temporality, convert::text, report::Lost};

/// Tells of each loss once.
#[derive(Debug)]
pub(super) struct Losses {
    began: Timestamp,
    told_at: Timestamp,
    temporality: Temporality,
    told: Vec<Lost>,
}

impl Losses {
    pub(super) const fn new(began: Timestamp, temporality: Temporality) -> Self {
        Self {
            began,
            told_at: began,
            temporality,
            told: Vec::new(),
        }
    }

    /// Gives the metric where there is more to tell than last time.
    pub(super) fn tell(&mut self, lost: Vec<Lost>, at: Timestamp) -> Option<Metric> {
        if lost == self.told {
            return None;
        }
        let is_delta = self.temporality == Temporality::Delta;
        let start = if is_delta { self.told_at } else { self.began };
        let before = |one: &Lost| {
            let told = self
                .told
                .iter()
                .find(|told| (told.signal, told.reason) == (one.signal, one.reason));
            told.filter(|_| is_delta).map_or(0, |told| told.count)
        };
        let data_points = lost
            .iter()
            .map(|one| (one, one.count - before(one).min(one.count)))
            .filter(|(_, count)| *count > 0)
            .map(|(one, count)| NumberDataPoint {
                attributes: vec![
                    text(GENSPAN_DROP_REASON, one.reason.as_str()),
                    text(GENSPAN_DROP_SIGNAL, one.signal.items()),
                ],
                start_time_unix_nano: start.unix_nanos(),
                time_unix_nano: at.unix_nanos(),
                value: Some(number_data_point::Value::AsInt(
                    i64::try_from(count).unwrap_or(i64::MAX),
                )),
                ..NumberDataPoint::default()
            })
            .collect();
        let temporality = if is_delta {
            AggregationTemporality::Delta
        } else {
            AggregationTemporality::Cumulative
        };
        self.told = lost;
        self.told_at = at;
        let metric = semconv::Metric::GenspanDropped;
        Some(Metric {
            name: metric.name().to_owned(),
            description: metric.brief().to_owned(),
            unit: metric.unit().to_owned(),
            data: Some(Data::Sum(Sum {
                data_points,
                aggregation_temporality: temporality.into(),
                is_monotonic: true,
            })),
            ..Metric::default()
        })
    }
}
