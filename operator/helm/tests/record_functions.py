#!/usr/bin/env python3
"""Records what the real helm makes of the cases in `function_cases`.

Usage: HELM=/path/to/helm-4.2.4 record_functions.py [FILE...]

A case file holds cases of this form; everything after the `---` line is written by this script:

    === what it shows
    {{ template }}
    --- ok
    output

`--- json` has the output as a JSON string (blanks at its ends, control characters), `--- base64` as base64 (not UTF-8),
and `--- error` the text that helm prints after `Error: `. Templates see `values.json` as their values.

All cases that succeed are rendered in one run; each failing one needs a run of its own.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "function_cases"
HELM = os.environ.get("HELM", "helm")
MARK = re.compile(r"^--- (ok|json|base64|error)$")


def read(path):
    """Splits a file into its head comment and (title, template) pairs."""
    head, cases, current, in_template = [], [], None, False
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=== "):
            current = [line[4:], []]
            cases.append(current)
            in_template = True
        elif MARK.match(line):
            in_template = False
        elif current is None:
            head.append(line)
        elif in_template:
            current[1].append(line)
    return "\n".join(head).strip("\n"), [(title, "\n".join(lines)) for title, lines in cases]


def chart(folder, templates):
    root = pathlib.Path(folder) / "c"
    (root / "templates").mkdir(parents=True, exist_ok=True)
    (root / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: 4.5.6\n")
    (root / "values.yaml").write_bytes((HERE / "values.json").read_bytes())
    for name, text in templates.items():
        (root / "templates" / name).write_text(text, encoding="utf-8")
    return root


def helm(templates):
    with tempfile.TemporaryDirectory() as folder:
        root = chart(folder, templates)
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "TZ": "UTC"}
        done = subprocess.run(
            [HELM, "template", "r", str(root), "--namespace", "ns"], capture_output=True, env=environment, check=False
        )
        return done.returncode, done.stdout, done.stderr


def run_good(numbered):
    """Renders partials in one file; returns the outputs, or the number of a case that failed."""
    templates = {f"_c{n}.tpl": text for n, text in numbered}
    templates["all.yaml"] = "".join(
        f'c{n}: {{{{ include "c/templates/_c{n}.tpl" . | b64enc | quote }}}}\n' for n, _ in numbered
    )
    code, out, err = helm(templates)
    if code == 0:
        found = dict(re.findall(r'^c(\d+): "([^"]*)"$', out.decode(), re.M))
        return {int(n): base64.b64decode(text) for n, text in found.items()}, None
    match = re.search(rb"_c(\d+)\.tpl", err)
    if match:
        return None, int(match.group(1))
    # `fail` and `required` name the outermost file only.
    match = re.search(rb"all\.yaml:(\d+):", err)
    if match:
        return None, numbered[int(match.group(1)) - 1][0]
    sys.exit(f"cannot tell which case failed:\n{err.decode(errors='replace')}")


def run_bad(text):
    code, _, err = helm({"case.yaml": text})
    if code == 0:
        return None
    message = err.decode("utf-8", errors="replace")
    start = message.index("Error: ")
    message = message[start + len("Error: "):].rstrip("\n")
    return message.split("\n\nUse --debug flag")[0]


def expectation(output, error):
    if error is not None:
        return f"--- error\n{error}"
    try:
        text = output.decode("utf-8")
    except UnicodeDecodeError:
        return "--- base64\n" + base64.b64encode(output).decode()
    lines = text.split("\n")
    plain = (
        text == text.strip()
        and text.replace("\n", "").isprintable()
        and not any(line.startswith(("=== ", "--- ")) or line != line.rstrip() for line in lines)
    )
    return f"--- ok\n{text}" if plain else "--- json\n" + json.dumps(text, ensure_ascii=True)


def main():
    paths = [pathlib.Path(name) for name in sys.argv[1:]] or sorted(HERE.glob("*/*.txt"))
    files = {path: read(path) for path in paths}
    cases = [(path, index, text) for path, (_, found) in files.items() for index, (_, text) in enumerate(found)]
    errors, pending = {}, dict(enumerate(text for _, _, text in cases))
    outputs = {}
    # A definition would be seen by all cases of a run.
    for number, text in pending.items():
        if "define" in text:
            done, failed = run_good([(number, text)])
            if failed is None:
                outputs.update(done)
            else:
                errors[number] = run_bad(text)
    # Chunks, so that one failing case does not repeat the work of all others.
    numbers = [number for number in pending if number not in outputs and number not in errors]
    for start in range(0, len(numbers), 40):
        chunk = numbers[start:start + 40]
        while chunk:
            done, failed = run_good([(n, pending[n]) for n in chunk])
            if failed is None:
                outputs.update(done)
                break
            message = run_bad(pending[failed])
            if message is None:
                sys.exit(f"case fails only when included: {pending[failed]}")
            errors[failed] = message
            chunk.remove(failed)
    for path, (head, found) in files.items():
        parts = [head] if head else []
        for index, (title, text) in enumerate(found):
            number = next(n for n, case in enumerate(cases) if case[0] == path and case[1] == index)
            parts.append(f"=== {title}\n{text}\n{expectation(outputs.get(number), errors.get(number))}")
        path.write_text("\n".join(parts) + "\n", encoding="utf-8")
    print(f"{len(outputs)} outputs and {len(errors)} errors recorded", file=sys.stderr)


if __name__ == "__main__":
    main()
