use genspan::{Provider, Telemetry};
use genspan_chat::{ChatLayer, ChatResponse, NoTools, ToolLoop, chat_fn, stack};
use tower_layer::Layer;

fn main() {
    let telemetry = Telemetry::disabled();
    let client = chat_fn(|_| async { Ok::<_, std::io::Error>(ChatResponse::text("Hello")) });
    let tool_loop = ToolLoop::new(client, NoTools);
    let _ = ChatLayer::new(&telemetry, Provider::OPENAI).layer(tool_loop.clone());
    let _ = stack(tool_loop);
}
