//! Log records and events as they are emitted.

use std::{sync::Arc, time::Duration};

use genspan_otlp::{Item, Signal};
use opentelemetry::{InstrumentationScope, logs::Severity};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogProcessor, SdkLogRecord},
};

use super::{Delivery, tidy};

/// Turns each log record into OTLP as it is emitted.
#[derive(Debug)]
pub(crate) struct Logs {
    delivery: Arc<Delivery>,
    lanes: Vec<usize>,
}

impl Logs {
    pub(crate) fn new(delivery: Arc<Delivery>) -> Self {
        Self {
            lanes: delivery.lanes(Signal::Logs),
            delivery,
        }
    }
}

impl LogProcessor for Logs {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.lanes.is_empty() {
            return;
        }
        let origin = self.delivery.origins.of(scope, record.target());
        let mut message = LogRecord::from(&*record);
        tidy::log_record(&mut message);
        self.delivery
            .send(&self.lanes, Item::Log(Box::new(message)), &origin);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.delivery.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.delivery.provider_ended(timeout)
    }

    fn event_enabled(&self, _level: Severity, _target: &str, _name: Option<&str>) -> bool {
        !self.lanes.is_empty()
    }
}
