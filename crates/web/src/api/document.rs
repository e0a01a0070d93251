//! The OpenAPI 3.1 document, made from the routes and from the types that they take and give.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use super::ROOT;
use super::routes::{Carries, Gets, Operation};

/// The document. Two calls give the same.
pub fn document() -> Json {
    let operations = super::routes().operations;
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    // What is sent may leave out what has a default; what is answered holds everything.
    let mut sent = settings.clone().into_generator();
    let mut given = settings.for_serialize().into_generator();
    let mut paths: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for one in &operations {
        let body = match one.carries {
            Carries::Nothing => None,
            Carries::Json(shape) => Some(json!({ "application/json": { "schema": shape(&mut sent) } })),
            Carries::Files(part) => {
                let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
                let several = json!({ "type": "array", "items": file });
                let shape = if part == "files" { several } else { file };
                Some(json!({ "multipart/form-data": { "schema": {
                    "type": "object", "required": [part], "properties": { part: shape },
                } } }))
            }
        };
        let content = match one.gets {
            Gets::Json(shape) => json!({ "application/json": { "schema": shape(&mut given) } }),
            Gets::File => json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } }),
        };
        paths.entry(format!("{ROOT}{}", one.path)).or_default().insert(one.method.to_owned(), say(one, body, &content));
    }
    // Where a type goes both ways, its looser shape is true of both.
    let mut schemas = sent.take_definitions(true);
    for (name, schema) in given.take_definitions(true) {
        schemas.entry(name).or_insert(schema);
    }
    schemas.insert("Problem".to_owned(), problem());
    schemas.sort_keys();
    let mut tags: Vec<Json> = Vec::new();
    for one in &operations {
        let tag = json!({ "name": one.section.1, "description": one.section.0 });
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Thước Đo",
            "version": "1",
            "description": "Điều các trang làm được, cho chương trình. Điểm là chuỗi thập phân, ngày theo ISO 8601. \
                            What the pages do, for programs. Points are decimal strings, days are ISO 8601.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer",
                "description": "Tạo ở trang Tài khoản; đọc cần phạm vi read, sửa cần phạm vi write. Made on the account \
                                page; reading needs the scope read, changing the scope write.",
            } },
            "schemas": schemas,
        },
    })
}

fn say(one: &Operation, body: Option<Json>, content: &Json) -> Json {
    let mut parameters: Vec<Json> = one
        .path
        .split('/')
        .filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = match name {
                "indicator" => json!({ "type": "string", "examples": ["I.5.2"] }),
                "level" | "code" | "set" | "file" => json!({ "type": "string" }),
                _ => json!({ "type": "integer", "format": "int64" }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(one.query.iter().map(|(name, kind, what)| {
        json!({ "name": name, "in": "query", "required": false, "description": what, "schema": { "type": kind } })
    }));
    let mut add_header = |name: &str, what: &str| {
        parameters.push(json!({
            "name": name, "in": "header", "required": false, "description": what, "schema": { "type": "string" },
        }));
    };
    let changes = one.method != "get";
    if one.tagged && !changes {
        add_header("If-None-Match", "the ETag of an earlier answer; 304 where nothing changed");
    }
    if one.versioned {
        add_header("If-Match", "the ETag of the last reading; needed where the body has no `version`");
    }
    let mut good = json!({ "description": "OK", "content": content });
    if one.tagged {
        good["headers"] = json!({ "ETag": { "schema": { "type": "string" } } });
    }
    let mut responses = Map::from_iter([("200".to_owned(), good)]);
    let mut refuse = |status: u16| {
        responses.insert(
            status.to_string(),
            json!({
                "description": meaning(status),
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            }),
        );
    };
    refuse(401);
    refuse(403);
    if !["/me", "/work", "/notices", "/search", "/sets", "/drafts"].contains(&one.path) || changes {
        refuse(404);
    }
    if changes {
        [400, 413, 415, 422].into_iter().for_each(&mut refuse);
    } else if !one.query.is_empty() {
        [400, 422].into_iter().for_each(&mut refuse);
    }
    if one.versioned {
        [409, 412, 428].into_iter().for_each(&mut refuse);
    } else if one.conflicts {
        refuse(409);
    }
    if one.limited {
        refuse(429);
    }
    if one.tagged && !changes {
        responses.insert("304".to_owned(), json!({ "description": "nothing changed" }));
    }
    responses.sort_keys();
    let mut said = json!({
        "operationId": one.id, "tags": [one.section.1],
        "summary": one.words.1, "description": one.words.0, "parameters": parameters,
    });
    if let Some(content) = body {
        said["requestBody"] = json!({ "required": true, "content": content });
    }
    said["responses"] = Json::Object(responses);
    said
}

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "what was sent is not well-formed",
        401 => "no token, or one that is unknown or has expired",
        403 => "the account may not do this, now or at all, or the token lacks the scope",
        404 => "there is no such thing, or it is outside the account's scope",
        409 => "somebody changed it since; `saved` is what is kept",
        412 => "somebody changed it since (If-Match); `saved` is what is kept",
        413 => "too large",
        415 => "another media type is needed",
        422 => "a value cannot be taken; `errors` names the fields",
        428 => "the version that was seen must be named",
        429 => "too many ask at once; try again in half a minute",
        _ => "the server failed; nothing was done",
    }
}

/// RFC 9457, with what we add.
fn problem() -> Json {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "Problem Details (RFC 9457)",
        "required": ["type", "title", "status", "code", "detail", "detail_en"],
        "properties": {
            "type": text, "title": text, "status": { "type": "integer" },
            "code": { "type": "string", "description": "a word for programs, which stays the same" },
            "detail": { "type": "string", "description": "what happened and what to do, in Vietnamese" },
            "detail_en": { "type": "string", "description": "the same in English" },
            "errors": { "type": "array", "items": {
                "type": "object", "required": ["field", "vi", "en"],
                "properties": { "field": text, "vi": text, "en": text },
            } },
            "saved": { "description": "what is kept now, where the change was stale" },
        },
    })
}
