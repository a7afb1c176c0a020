//! `template.yaml` as JSON, its short intrinsics spelled out: `!Ref X` is `{"Ref": "X"}`, and
//! `!GetAtt X.Arn` is `{"Fn::GetAtt": ["X", "Arn"]}`.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let local = Path::new(env!("CARGO_MANIFEST_DIR"));
    local.parent().expect("a member of a workspace")
}

/// The template.
pub(crate) struct Template(Value);

/// A function of the template, with what all functions share.
pub(crate) struct Function {
    /// Its logical id.
    pub(crate) id: String,
    /// Its properties.
    pub(crate) properties: Value,
}

impl Template {
    /// Reads it.
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(root().join("template.yaml")).expect("it is there");
        let documents = Yaml::load_from_str(&text).expect("it is YAML");
        Self(plain(&documents[0]))
    }

    /// A section, or a resource, or what is in it, by a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        let found = self.0.pointer(pointer);
        found.unwrap_or_else(|| panic!("the template has no {pointer}"))
    }

    /// The properties of a resource.
    pub(crate) fn properties(&self, id: &str) -> &Value {
        self.at(&format!("/Resources/{id}/Properties"))
    }

    /// The ids and definitions of all resources of a type.
    pub(crate) fn resources(&self, kind: &str) -> impl Iterator<Item = (&String, &Value)> {
        let all = self.at("/Resources").as_object().expect("resources");
        all.iter()
            .filter(move |(_, resource)| resource["Type"] == kind)
    }

    /// The functions, by the binary that each is built from.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, Function)> {
        let functions = self.resources("AWS::Serverless::Function");
        functions.map(|(id, resource)| {
            let binary = &resource["Metadata"]["BuildProperties"]["Binary"];
            let mut properties = self.at("/Globals/Function").clone();
            lay_over(&mut properties, &resource["Properties"]);
            let function = Function {
                id: id.clone(),
                properties,
            };
            (binary.as_str().expect("a binary"), function)
        })
    }

    /// The function that is built from a binary.
    pub(crate) fn function(&self, binary: &str) -> Function {
        let found = self.functions().find(|(known, _)| *known == binary);
        found.expect("a function of the template").1
    }

    /// The role of a function: its id and definition.
    pub(crate) fn role(&self, function: &Function) -> (&str, &Value) {
        let (id, _) = attribute(&function.properties["Role"]).expect("a role by its ARN");
        let mut roles = self.resources("AWS::IAM::Role");
        let found = roles.find(|(known, _)| *known == id);
        let (id, role) = found.expect("a role of the template");
        (id, role)
    }

    /// A number that stands there, or is looked up in a mapping for a parameter's value.
    pub(crate) fn number(&self, value: &Value, parameter: &str) -> u64 {
        let found = match &value["Fn::FindInMap"] {
            Value::Null => value,
            place => {
                let name = |index: usize| place[index].as_str().expect("a name");
                self.at(&format!("/Mappings/{}/{parameter}/{}", name(0), name(2)))
            }
        };
        found.as_u64().expect("a number")
    }
}

/// The id and the attribute of a `!GetAtt`.
pub(crate) fn attribute(value: &Value) -> Option<(&str, &str)> {
    let place = &value["Fn::GetAtt"];
    Some((place[0].as_str()?, place[1].as_str()?))
}

/// Whether something refers to a resource, however deep inside.
pub(crate) fn mentions(value: &Value, id: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        Value::Object(fields) => fields.iter().any(|(name, field)| match name.as_str() {
            "Ref" => field == id,
            "Fn::GetAtt" => field[0] == id,
            "Fn::Sub" => {
                // A text, or a list of one and of what else it names.
                let (text, others) = list(field).split_first().expect("a text");
                let text = text.as_str().expect("a text");
                let is_named = ["}", "."]
                    .iter()
                    .any(|end| text.contains(&format!("${{{id}{end}")));
                is_named || others.iter().any(|other| mentions(other, id))
            }
            _ => mentions(field, id),
        }),
        _ => false,
    }
}

/// A list, or the one thing that stands in its place.
pub(crate) fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn lay_over(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, field) in over {
                lay_over(under.entry(name).or_insert(Value::Null), field);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(fields) => {
            let name = |node: &Yaml<'_>| node.as_str().expect("a text as key").to_owned();
            let fields = fields.iter().map(|(key, field)| (name(key), plain(field)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, argument) => intrinsic(&tag.suffix, &plain(argument)),
        other => panic!("the template has no use for {other:?}"),
    }
}

fn intrinsic(name: &str, argument: &Value) -> Value {
    match name {
        "Ref" | "Condition" => json!({ name: argument }),
        "GetAtt" => {
            let place = argument.as_str().and_then(|place| place.split_once('.'));
            let (id, attribute) = place.expect("a resource and its attribute");
            json!({ "Fn::GetAtt": [id, attribute] })
        }
        _ => json!({ (format!("Fn::{name}")): argument }),
    }
}
