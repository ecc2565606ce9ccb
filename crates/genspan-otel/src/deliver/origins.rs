//! Instrumentation scopes, each turned into OTLP once.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use genspan_otlp::Origin;
use opentelemetry::InstrumentationScope;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope as Scope;

use super::tidy;

/// Remembers the origins of items that came before.
#[derive(Debug, Default)]
pub(super) struct Origins(RwLock<HashMap<InstrumentationScope, Known>>);

/// Holds what one scope became, by itself and with the targets of log records in its name's place.
#[derive(Debug, Default)]
struct Known {
    own: Option<Arc<Origin>>,
    targets: HashMap<Cow<'static, str>, Arc<Origin>>,
}

/// Bounds what is remembered; a program that makes up scopes as it goes pays for each anew.
const MOST: usize = 1_024;

impl Origins {
    /// Gives the origin of an item, whose scope a log record's target may rename.
    pub(super) fn of(
        &self,
        scope: &InstrumentationScope,
        target: Option<&Cow<'static, str>>,
    ) -> Arc<Origin> {
        {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(origin) = known.get(scope).and_then(|known| known.find(target)) {
                return Arc::clone(origin);
            }
        }
        let origin = Arc::new(convert(scope, target));
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST || all.contains_key(scope) {
            let known = all.entry(scope.clone()).or_default();
            match target {
                None => known.own = Some(Arc::clone(&origin)),
                Some(target) if known.targets.len() < MOST => {
                    known.targets.insert(target.clone(), Arc::clone(&origin));
                }
                Some(_) => {}
            }
        }
        origin
    }
}

impl Known {
    fn find(&self, target: Option<&Cow<'static, str>>) -> Option<&Arc<Origin>> {
        match target {
            None => self.own.as_ref(),
            Some(target) => self.targets.get(target),
        }
    }
}

fn convert(scope: &InstrumentationScope, target: Option<&Cow<'static, str>>) -> Origin {
    let mut converted = Scope::from((scope, target.cloned()));
    tidy::last_wins(&mut converted.attributes);
    Origin {
        scope: converted,
        schema_url: scope.schema_url().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::*;

    fn scope(version: &'static str) -> InstrumentationScope {
        InstrumentationScope::builder("lib")
            .with_version(version)
            .with_schema_url("https://opentelemetry.io/schemas/1.41.0")
            .with_attributes([KeyValue::new("a", 1), KeyValue::new("a", 2)])
            .build()
    }

    #[test]
    fn everything_of_a_scope_is_kept_and_made_once() {
        let origins = Origins::default();
        let first = origins.of(&scope("1"), None);
        assert!(Arc::ptr_eq(&first, &origins.of(&scope("1"), None)));
        insta::assert_debug_snapshot!(first.schema_url, @r#""https://opentelemetry.io/schemas/1.41.0""#);
        assert_eq!(
            (first.scope.name.as_str(), first.scope.version.as_str()),
            ("lib", "1")
        );
        assert_eq!(first.scope.attributes.len(), 1);
        assert_eq!(origins.of(&scope("2"), None).scope.version, "2");
    }

    #[test]
    fn a_target_stands_in_the_name_s_place() {
        let origins = Origins::default();
        let target = Cow::Borrowed("app::db");
        let first = origins.of(&scope("1"), Some(&target));
        assert_eq!(first.scope.name, "app::db");
        assert_eq!(origins.of(&scope("1"), None).scope.name, "lib");
        assert!(Arc::ptr_eq(&first, &origins.of(&scope("1"), Some(&target))));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let origins = Origins::default();
        for number in 0..MOST + 10 {
            let scope = InstrumentationScope::builder(number.to_string()).build();
            assert_eq!(origins.of(&scope, None).scope.name, number.to_string());
        }
        assert_eq!(origins.0.read().unwrap().len(), MOST);
    }
}
