use genspan::tool;

#[tool(call_id = id)]
async fn no_text(id: u32) {}

#[tool]
async fn mismatched(city: &str) -> Result<u32, String> {
    Ok(city)
}

fn main() {}
