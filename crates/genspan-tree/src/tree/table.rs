//! Aligned columns within a width.

use super::text::{columns, fitted, printable};
use crate::style::Style;

/// The name is not cut below this, whatever else there is.
const NARROWEST_NAME: usize = 16;
/// The last column is not cut below this, which leaves room for most classes of errors.
const NARROWEST_END: usize = 17;

const RED: &str = "\u{1b}[31m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// Holds a text for one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    is_right: bool,
    is_bad: bool,
}

impl Cell {
    pub(super) const fn left(text: String) -> Self {
        Self {
            text,
            is_right: false,
            is_bad: false,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Stands at the right of its column, as numbers do.
    pub(super) const fn right(text: String) -> Self {
        Self {
            text,
            is_right: true,
            is_bad: false,
        }
    }

    /// Tells of something that went wrong.
    pub(super) const fn bad(text: String) -> Self {
        Self {
            text,
            is_right: false,
            is_bad: true,
        }
    }
}

#[derive(Debug)]
enum Line<const N: usize> {
    Heading(String),
    Row {
        branches: String,
        name: String,
        cells: [Cell; N],
    },
}

/// Gathers lines, then draws them so that each column is as wide as it must be.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    titles: [&'static str; N],
    /// The column that is left out before names are cut.
    dispensable: Option<&'static str>,
    style: Style,
    lines: Vec<Line<N>>,
}

/// Says how wide each column is; 0 where it is left out.
struct Layout<const N: usize> {
    name: usize,
    cells: [usize; N],
}

impl<const N: usize> Table<N> {
    /// Gives what stands before a column; the last one is text and wants more room than numbers.
    const fn gap(nth: usize) -> usize {
        if nth + 1 == N { 2 } else { 1 }
    }

    pub(super) const fn new(titles: [&'static str; N], style: Style) -> Self {
        Self {
            titles,
            dispensable: None,
            style,
            lines: Vec::new(),
        }
    }

    /// Leaves a column out before names are cut.
    pub(super) const fn dispensing_with(mut self, title: &'static str) -> Self {
        self.dispensable = Some(title);
        self
    }

    /// Adds a line that stands across all columns.
    pub(super) fn heading(&mut self, text: String) {
        self.lines.push(Line::Heading(text));
    }

    /// Adds a line of cells behind a name; the text of name and cells may be anybody's.
    pub(super) fn row(&mut self, branches: String, name: &str, cells: [Cell; N]) {
        let name = printable(name, self.style.unicode);
        let cells = cells.map(|cell| Cell {
            text: printable(&cell.text, self.style.unicode),
            ..cell
        });
        self.lines.push(Line::Row {
            branches,
            name,
            cells,
        });
    }

    /// Draws all lines, each ended by a line feed; nothing where there are no rows.
    pub(super) fn draw(&self) -> String {
        let layout = self.layout();
        let mut drawn = String::new();
        if self.rows().next().is_none() {
            return drawn;
        }
        let titles = self.titles.map(|title| Cell::right(title.to_owned()));
        let last = self.titles.len().saturating_sub(1);
        let mut titles: Vec<Cell> = titles.into();
        if let Some(title) = titles.get_mut(last) {
            title.is_right = false;
        }
        self.push(
            &mut drawn,
            &self.dim(&self.line(&layout, ("", ""), &titles)),
        );
        for line in &self.lines {
            let text = match line {
                Line::Heading(text) => {
                    self.dim(&fitted(text, self.style.width, self.style.unicode))
                }
                Line::Row {
                    branches,
                    name,
                    cells,
                } => self.line(&layout, (branches, name), cells),
            };
            self.push(&mut drawn, &text);
        }
        drawn
    }

    fn push(&self, drawn: &mut String, line: &str) {
        drawn.push_str(line.trim_end());
        drawn.push('\n');
    }

    fn rows(&self) -> impl Iterator<Item = (&String, &String, &[Cell; N])> {
        self.lines.iter().filter_map(|line| match line {
            Line::Heading(_) => None,
            Line::Row {
                branches,
                name,
                cells,
            } => Some((branches, name, cells)),
        })
    }

    /// Gives each column the width of its widest cell; then the last one gives way, then the dispensable one, then the
    /// name.
    fn layout(&self) -> Layout<N> {
        let mut cells = [0; N];
        for (_, _, row) in self.rows() {
            for (width, cell) in cells.iter_mut().zip(row) {
                *width = columns(&cell.text).max(*width);
            }
        }
        for (width, title) in cells.iter_mut().zip(self.titles) {
            if *width > 0 {
                *width = columns(title).max(*width);
            }
        }
        let name = self
            .rows()
            .map(|(branches, name, _)| columns(branches) + columns(name))
            .max()
            .unwrap_or_default();
        let mut layout = Layout { name, cells };
        let taken = |layout: &Layout<N>| {
            let cells = layout
                .cells
                .iter()
                .enumerate()
                .filter(|(_, width)| **width > 0);
            layout.name
                + cells
                    .map(|(nth, width)| width + Self::gap(nth))
                    .sum::<usize>()
        };
        let narrow_end = |layout: &mut Layout<N>| {
            let too_much = taken(layout).saturating_sub(self.style.width);
            if let Some(end) = layout.cells.last_mut() {
                *end = narrowed(*end, too_much, NARROWEST_END);
            }
        };
        narrow_end(&mut layout);
        if taken(&layout) > self.style.width {
            layout.cells = cells;
            for (width, title) in layout.cells.iter_mut().zip(self.titles) {
                if self.dispensable == Some(title) {
                    *width = 0;
                }
            }
            narrow_end(&mut layout);
        }
        let too_much = taken(&layout).saturating_sub(self.style.width);
        layout.name = narrowed(layout.name, too_much, NARROWEST_NAME);
        layout
    }

    fn line(&self, layout: &Layout<N>, (branches, name): (&str, &str), cells: &[Cell]) -> String {
        let mut line = fitted(
            &format!("{branches}{name}"),
            layout.name,
            self.style.unicode,
        );
        let mut behind = columns(&line);
        let mut column = layout.name;
        for (nth, (cell, width)) in cells
            .iter()
            .zip(layout.cells)
            .enumerate()
            .filter(|(_, (_, width))| *width > 0)
        {
            let text = fitted(&cell.text, width, self.style.unicode);
            let free = width.saturating_sub(columns(&text));
            column += Self::gap(nth);
            let start = column + if cell.is_right { free } else { 0 };
            column += width;
            if text.is_empty() {
                continue;
            }
            line.push_str(&" ".repeat(start.saturating_sub(behind)));
            behind = start + columns(&text);
            if cell.is_bad && self.style.colour {
                line.extend([RED, &text, PLAIN]);
            } else {
                line.push_str(&text);
            }
        }
        line
    }

    fn dim(&self, text: &str) -> String {
        if self.style.colour {
            format!("{DIM}{}{PLAIN}", text.trim_end())
        } else {
            text.to_owned()
        }
    }
}

/// Takes columns away, but not below a bound.
fn narrowed(width: usize, by: usize, least: usize) -> usize {
    width.saturating_sub(by).max(width.min(least))
}
