//! Charts from disk, as the CLI loads them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use helm::chart::archive::load_archive;
use helm::chart::directory::load_directory;
use helm::chart::{Chart, ChartError, InputFile};

/// Loads a packaged chart or a chart directory. The outer error is the disk's, the inner one the chart's.
pub fn load(path: &Path) -> anyhow::Result<Result<Arc<Chart>, ChartError>> {
    let chart = if path.is_dir() {
        let mut files = Vec::new();
        walk(path, "", &mut files)?;
        load_directory(files)
    } else {
        load_archive(&fs::read(path).with_context(|| format!("read {}", path.display()))?)
    };
    Ok(chart.map(Arc::new))
}

fn walk(root: &Path, below: &str, files: &mut Vec<InputFile>) -> anyhow::Result<()> {
    for entry in fs::read_dir(root.join(below)).with_context(|| format!("read {}", root.display()))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("file name is not UTF-8")
        };
        let name = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        let path = entry.path();
        if path.is_dir() {
            walk(root, &name, files)?;
        } else {
            files.push(InputFile {
                name,
                data: fs::read(&path)?.into(),
                modified: None,
            });
        }
    }
    Ok(())
}
