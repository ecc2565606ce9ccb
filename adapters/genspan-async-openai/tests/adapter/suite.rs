//! The conversations that every client is held to.

use async_openai::error::OpenAIError;
use genspan::{ErrorType, Failure, Value};
use genspan_http::Recorder;
use testkit::suite::{AGENT, ANSWER, Case, RESULT, Stage, TOOL};

use crate::{
    interface::{Interface, Take, user},
    scene::{KEY, LIMIT, check_all},
};

/// Plays the whole case, as a program does that has this client.
async fn play(stage: &Stage, recorder: &Recorder, interface: Interface) {
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(format!("{}/v1", stage.provider.url()))
        .with_api_key(KEY);
    let client = genspan_async_openai::client(config, recorder.clone());
    let take = match stage.case {
        Case::Cancelled => Take::First,
        case if case.is_streamed() => Take::Stream,
        _ => Take::Whole,
    };
    let has_tools = stage.case.has_tools();
    let agent = stage.telemetry.invoke_agent(AGENT);
    let mut messages = user(&stage.case.prompt());
    loop {
        let asked = interface.ask(&client, &messages, has_tools, take);
        let said = match agent.scope().within(asked).await {
            Ok(said) => said,
            Err(OpenAIError::ApiError(error)) => {
                let error = ErrorType::from_http_status(error.status_code.as_u16());
                return agent.fail(Failure::new(error));
            }
            Err(error) => panic!("{error:?}"),
        };
        if stage.case == Case::Cancelled {
            // The client's own task lets go of the stream after the program has.
            assert!(stage.provider.disconnected(0).await);
            return drop(agent);
        }
        let Some(call) = said.call else {
            assert_eq!(said.text, ANSWER);
            break;
        };
        let mut tool = agent.scope().run(|| stage.telemetry.execute_tool(TOOL));
        tool.call_id = Some(call.0.clone());
        tool.arguments = Value::from_json(&call.1).unwrap();
        tool.result = RESULT.into();
        messages.extend(interface.told(&call, RESULT));
        tool.finish();
    }
    agent.finish();
}

#[tokio::test]
async fn both_interfaces_give_the_trees_that_every_client_gives() {
    for interface in Interface::ALL {
        for case in Case::ALL {
            for has_content in [true, false] {
                let stage = Stage::new(case, has_content);
                let recorder = Recorder::from(stage.telemetry.clone());
                play(&stage, &recorder, interface).await;
                assert!(recorder.settle(LIMIT));
                println!("{interface:?}");
                stage.check(&[]);
                check_all(&stage.spans());
                let keys = stage.provider.requests();
                assert!(keys.iter().all(|it| it.header("authorization").is_some()));
                assert!(!format!("{:?}", stage.spans()).contains(KEY));
            }
        }
    }
}
