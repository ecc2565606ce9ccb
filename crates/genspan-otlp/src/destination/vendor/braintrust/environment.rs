//! What a program runs in, as Braintrust's SDKs find it: stated, else known by a variable that the place sets.

use genspan_dialects::braintrust::Environment;

use crate::destination::vendor::Variables;

const KIND: &str = "BRAINTRUST_ENVIRONMENT_TYPE";
const NAME: &str = "BRAINTRUST_ENVIRONMENT_NAME";

/// Pairs variables that runners of builds set with Braintrust's words for them; `CI`, which most set, comes last.
const BUILDS: [(&str, &str); 11] = [
    ("GITHUB_ACTIONS", "github_actions"),
    ("GITLAB_CI", "gitlab_ci"),
    ("CIRCLECI", "circleci"),
    ("BUILDKITE", "buildkite"),
    ("JENKINS_URL", "jenkins"),
    ("JENKINS_HOME", "jenkins"),
    ("TF_BUILD", "azure_pipelines"),
    ("TEAMCITY_VERSION", "teamcity"),
    ("TRAVIS", "travis"),
    ("BITBUCKET_BUILD_NUMBER", "bitbucket"),
    ("CI", "ci"),
];

/// Pairs variables that hosts set; what runs within another host comes before it.
const HOSTS: [(&str, &str); 12] = [
    ("VERCEL", "vercel"),
    ("NETLIFY", "netlify"),
    ("ECS_CONTAINER_METADATA_URI", "ecs"),
    ("ECS_CONTAINER_METADATA_URI_V4", "ecs"),
    ("AWS_LAMBDA_FUNCTION_NAME", "aws_lambda"),
    ("K_SERVICE", "cloud_run"),
    ("FUNCTION_TARGET", "gcp_functions"),
    ("KUBERNETES_SERVICE_HOST", "kubernetes"),
    ("DYNO", "heroku"),
    ("FLY_APP_NAME", "fly"),
    ("RAILWAY_ENVIRONMENT", "railway"),
    ("RENDER_SERVICE_NAME", "render"),
];

pub(in crate::destination::vendor) fn environment(
    variables: &Variables<'_>,
) -> Option<Environment> {
    let stated = Environment {
        kind: variables.get(KIND),
        name: variables.get(NAME),
    };
    if stated != Environment::default() {
        return Some(stated);
    }
    let found = |kind: &str, table: &[(&str, &str)]| {
        let mut set = table.iter().filter(|(key, _)| variables.get(key).is_some());
        set.next().map(|(_, name)| Environment {
            kind: Some(kind.to_owned()),
            name: Some((*name).to_owned()),
        })
    };
    found("ci", &BUILDS).or_else(|| found("server", &HOSTS))
}
