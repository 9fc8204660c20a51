//! From the tree of a pattern to its matcher, with upstream's shortcuts (`compiler/compiler.go` of gobwas/glob).

use super::BadGlob;
use super::matcher::Matcher;
use super::parse::Node;

pub(super) fn compile(tree: &Node) -> Result<Matcher, BadGlob> {
    let matcher = match tree {
        Node::AnyOf(alternatives) => {
            if let Some(smaller) = factor(alternatives) {
                return compile(&smaller);
            }
            // Upstream does not simplify a single alternative here, only where it stands in a pattern.
            return Ok(Matcher::AnyOf(children(alternatives)?));
        }
        Node::Pattern(nodes) if nodes.is_empty() => return Ok(Matcher::Nothing),
        Node::Pattern(nodes) => join(minimize(children(nodes)?))?,
        Node::Any => Matcher::Any(vec!['/']),
        Node::Super => Matcher::Super,
        Node::Single => Matcher::Single(vec!['/']),
        Node::Nothing => Matcher::Nothing,
        Node::List { characters, negated } => Matcher::List {
            characters: characters.chars().collect(),
            negated: *negated,
        },
        Node::Range { low, high, negated } => Matcher::Range {
            low: *low,
            high: *high,
            negated: *negated,
        },
        Node::Text(text) => Matcher::Text(text.clone()),
    };
    Ok(optimize(matcher))
}

fn children(nodes: &[Node]) -> Result<Vec<Matcher>, BadGlob> {
    nodes.iter().map(|node| compile(node).map(optimize)).collect()
}

fn optimize(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::Any(separators) if separators.is_empty() => Matcher::Super,
        Matcher::AnyOf(mut matchers) if matchers.len() == 1 => matchers.remove(0),
        Matcher::List {
            characters,
            negated: false,
        } if characters.len() == 1 => Matcher::Text(characters.into_iter().collect()),
        Matcher::Tree { value, left, right } => {
            let left = left.map(|left| Box::new(optimize(*left)));
            let right = right.map(|right| Box::new(optimize(*right)));
            let Matcher::Text(text) = &*value else {
                return Matcher::Tree { value, left, right };
            };
            match (left.as_deref(), right.as_deref()) {
                (None, None) => Matcher::Text(text.clone()),
                (Some(Matcher::Super), Some(Matcher::Super)) => Matcher::Contains {
                    needle: text.clone(),
                    negated: false,
                },
                (Some(Matcher::Super), None) => Matcher::Suffix(text.clone()),
                (None, Some(Matcher::Super)) => Matcher::Prefix(text.clone()),
                (None, Some(Matcher::Suffix(suffix))) => Matcher::PrefixSuffix(text.clone(), suffix.clone()),
                (Some(Matcher::Prefix(prefix)), None) => Matcher::PrefixSuffix(prefix.clone(), text.clone()),
                (Some(Matcher::Any(separators)), None) => {
                    Matcher::SuffixAny(text.clone(), separators.clone())
                }
                (None, Some(Matcher::Any(separators))) => {
                    Matcher::PrefixAny(text.clone(), separators.clone())
                }
                (_, _) => Matcher::Tree { value, left, right },
            }
        }
        other => other,
    }
}

/// Puts matchers in a row (`compileMatchers`): as one if they can be glued, else around the longest fixed part.
fn join(mut matchers: Vec<Matcher>) -> Result<Matcher, BadGlob> {
    if matchers.is_empty() {
        return Err(BadGlob);
    }
    if matchers.len() == 1 {
        return Ok(matchers.remove(0));
    }
    if let Some(glued) = glue(&matchers) {
        return Ok(glued);
    }
    let mut pivot = None;
    for (index, matcher) in matchers.iter().enumerate() {
        if let Some(length) = matcher.length()
            && pivot.is_none_or(|(_, longest)| length >= longest)
        {
            pivot = Some((index, length));
        }
    }
    let Some((index, _)) = pivot else {
        let rest = matchers.split_off(1);
        let right = Some(Box::new(join(rest)?));
        return Ok(Matcher::Tree {
            value: Box::new(matchers.remove(0)),
            left: None,
            right,
        });
    };
    let rest = matchers.split_off(index + 1);
    let value = matchers.pop().ok_or(BadGlob)?;
    let side = |matchers: Vec<Matcher>| {
        if matchers.is_empty() {
            Ok(None)
        } else {
            join(matchers).map(|matcher| Some(Box::new(matcher)))
        }
    };
    Ok(Matcher::Tree {
        value: Box::new(value),
        left: side(matchers)?,
        right: side(rest)?,
    })
}

fn glue(matchers: &[Matcher]) -> Option<Matcher> {
    if matchers.len() <= 1 {
        return None;
    }
    glue_as_every(matchers).or_else(|| glue_as_row(matchers))
}

fn glue_as_row(matchers: &[Matcher]) -> Option<Matcher> {
    let length = matchers.iter().map(Matcher::length).sum::<Option<usize>>()?;
    Some(Matcher::Row {
        matchers: matchers.to_vec(),
        length,
    })
}

fn glue_as_every(matchers: &[Matcher]) -> Option<Matcher> {
    let (mut any, mut all, mut single, mut least) = (false, false, false, 0);
    let mut separators: Option<&[char]> = None;
    for matcher in matchers {
        let own: &[char] = match matcher {
            Matcher::Super => {
                all = true;
                &[]
            }
            Matcher::Any(separators) => {
                any = true;
                separators
            }
            Matcher::Single(separators) => {
                single = true;
                least += 1;
                separators
            }
            Matcher::List {
                characters,
                negated: true,
            } => {
                single = true;
                least += 1;
                characters
            }
            _ => return None,
        };
        if *separators.get_or_insert(own) != own {
            return None;
        }
    }
    let separators = separators.unwrap_or_default();
    if all && !any && !single {
        return Some(Matcher::Super);
    }
    if any && !all && !single {
        return Some(Matcher::Any(separators.to_vec()));
    }
    if (any || all) && least > 0 && separators.is_empty() {
        return Some(Matcher::Min(least));
    }
    let mut every = Vec::new();
    if least > 0 {
        every.push(Matcher::Min(least));
        if !any && !all {
            every.push(Matcher::Max(least));
        }
    }
    if !separators.is_empty() {
        every.push(Matcher::Contains {
            needle: separators.iter().collect(),
            negated: true,
        });
    }
    Some(Matcher::EveryOf(every))
}

/// Glues the best run of neighbours, again and again (`minimizeMatchers`).
fn minimize(mut matchers: Vec<Matcher>) -> Vec<Matcher> {
    loop {
        let mut best: Option<(Matcher, usize, usize)> = None;
        for left in 0..matchers.len() {
            for right in (left + 1..=matchers.len()).rev() {
                let Some(glued) = glue(&matchers[left..right]) else {
                    continue;
                };
                let better = match &best {
                    None => true,
                    Some((known, from, to)) => {
                        let longer = match (known.length(), glued.length()) {
                            (Some(known), Some(glued)) => glued > known,
                            (_, _) => false,
                        };
                        longer || to - from < right - left
                    }
                };
                if better {
                    best = Some((glued, left, right));
                }
            }
        }
        let Some((glued, left, right)) = best else {
            return matchers;
        };
        let length = matchers.len();
        matchers.splice(left..right, [glued]);
        if matchers.len() == length {
            return matchers;
        }
    }
}

/// Takes out what all alternatives begin or end with (`minimizeTreeAnyOf`).
fn factor(alternatives: &[Node]) -> Option<Node> {
    let patterns: Vec<&[Node]> = alternatives
        .iter()
        .map(|node| {
            if let Node::Pattern(nodes) = node {
                Some(nodes.as_slice())
            } else {
                None
            }
        })
        .collect::<Option<_>>()?;
    let (left, right) = common(&patterns);
    if left == 0 && right == 0 {
        return None;
    }
    let first = *patterns.first()?;
    let mut result = Vec::new();
    if left > 0 {
        result.push(Node::Pattern(first[..left].to_vec()));
    }
    let mut rest: Vec<Node> = Vec::new();
    for pattern in &patterns {
        let reuse = &pattern[left..pattern.len() - right];
        let node = if reuse.is_empty() {
            Node::Nothing
        } else {
            Node::Pattern(reuse.to_vec())
        };
        if !rest.contains(&node) {
            rest.push(node);
        }
    }
    match rest.as_slice() {
        [Node::Nothing] | [] => {}
        [one] => result.push(one.clone()),
        [_, ..] => result.push(Node::AnyOf(rest)),
    }
    if right > 0 {
        result.push(Node::Pattern(first[first.len() - right..].to_vec()));
    }
    Some(Node::Pattern(result))
}

/// How many nodes all patterns share at their begin and at their end (`commonChildren`).
fn common(patterns: &[&[Node]]) -> (usize, usize) {
    if patterns.len() <= 1 {
        return (0, 0);
    }
    let Some((shortest_at, shortest)) = patterns
        .iter()
        .enumerate()
        .min_by_key(|(_, pattern)| pattern.len())
    else {
        return (0, 0);
    };
    let length = shortest.len();
    let (mut left, mut right, mut total) = (0, 0, 0);
    let (mut break_left, mut break_right) = (false, false);
    for step in 0..length {
        if total >= length || (break_left && break_right) {
            break;
        }
        let mirror = length - 1 - step;
        for (index, pattern) in patterns.iter().enumerate() {
            if break_left && break_right {
                break;
            }
            if index == shortest_at {
                continue;
            }
            break_left = break_left || shortest[step] != pattern[step];
            // Once the left part overlaps, the right one is not looked for any more.
            break_right = break_right || (!break_left && mirror <= step);
            break_right = break_right || shortest[mirror] != pattern[mirror + pattern.len() - length];
        }
        if !break_left {
            total += 1;
            left += 1;
        }
        if !break_right {
            total += 1;
            right += 1;
        }
    }
    (left, right)
}
