//! The components of the node in the browser: listed, pushed by a form, looked at, granted something and removed. Not
//! for: receiving images (`image_body`), what the pages look like (`board::components`).

use axum::{
    Extension,
    extract::{RawQuery, Request},
    routing::{get, post},
};
use parcae_board::components::{self, Detail, Row};
use parcae_domain::grant::Grant;
use parcae_node::{ComponentImage, Tenant};
use serde_json::json;

use crate::{
    audited::{Said, Witness},
    pages::{Form, Oops, Shown, Visit, go},
    registry,
    router::Route,
    settings::{Named, name_of},
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/components", get(list).post(push)),
        ("/components/{name}", get(page)),
        ("/components/{name}/grants", post(grant)),
        ("/components/{name}/delete", post(delete)),
    ]
}

/// All components, or those with a module or a name like the one that is looked for.
async fn list(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let module = query.get("module").map(str::to_owned);
    let wanted = module.clone();
    let rows = visit.ask(move |node| rows(node, wanted.as_deref())).await?;
    visit.show(&components::list(&visit.view, &rows, module.as_deref(), None))
}

fn rows(node: &Tenant<'_>, wanted: Option<&str>) -> Result<Vec<Row>, Oops> {
    let wanted = wanted.map(str::to_lowercase);
    let is_wanted = |image: &ComponentImage| {
        let has = |text: &str| wanted.as_ref().is_none_or(|wanted| text.to_lowercase().contains(wanted.as_str()));
        let modules = &image.descriptor.modules;
        let mut names = modules.iter().flat_map(|module| std::iter::once(&module.name).chain(&module.aliases));
        has(&image.descriptor.name) || names.any(|name| has(name))
    };
    let mut images = node.component_images()?;
    images.retain(is_wanted);
    let row = |image: ComponentImage| Row { isolation: node.isolation_of(image.origin), image };
    Ok(images.into_iter().map(row).collect())
}

/// Takes an image, and goes on at its page; or shows the list again with why it was refused.
async fn push(visit: Visit, request: Request) -> Shown {
    let witness = request.extensions().get::<Witness>().cloned().unwrap_or_default();
    match registry::take(&visit.app, request).await {
        Ok(pushed) => {
            let image = &pushed.image;
            witness.objects(&json!({"component_name": image.label(), "digest": image.digest}));
            go(&format!("{}?pushed={}", components::url(image), if pushed.is_new { "new" } else { "there" }))
        }
        Err(refusal) => {
            let Oops { status, words } = refusal.into();
            let rows = visit.ask(|node| rows(node, None)).await?;
            let page = components::list(&visit.view, &rows, None, Some(&words));
            let mut response = visit.show_as(status, &page)?;
            response.extensions_mut().insert(Said::words(i32::from(status), &words));
            Ok(response)
        }
    }
}

/// One component.
async fn page(visit: Visit, name: Named, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let pushed = query.get("pushed").map(|word| word == "new");
    let granted = query.get("granted").is_some();
    let name = name_of(name);
    let detail = visit
        .ask(move |node| {
            let image = node.component_image(&name)?;
            let modules = image.descriptor.modules.iter();
            let limits = modules.map(|module| node.module_limits(module, &image.digest)).collect();
            Ok(Detail { isolation: node.isolation_of(image.origin), image, limits, pushed, granted })
        })
        .await?;
    visit.show(&components::page(&visit.view, &detail))
}

/// Gives a module what is ticked.
async fn grant(visit: Visit, name: Named, form: Form) -> Shown {
    let module = form.need("module")?.to_owned();
    let grants = form.all("grant").into_iter().map(str::parse::<Grant>).collect::<Result<Vec<_>, _>>();
    let grants = grants.map_err(|unknown| Oops::new(400, unknown.to_string()))?;
    let name = name_of(name);
    let image = visit.ask(move |node| Ok(node.grant_component(&name, &module, &grants)?)).await?;
    go(&format!("{}?granted=1", components::url(&image)))
}

/// Removes a component.
async fn delete(visit: Visit, Extension(witness): Extension<Witness>, name: Named) -> Shown {
    let name = name_of(name);
    let image = visit.ask(move |node| Ok(node.delete_component(&name)?)).await?;
    witness.objects(&json!({"component_name": image.label()}));
    go("/components")
}
