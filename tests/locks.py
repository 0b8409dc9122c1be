"""Part of `./dev check`: articles are locked by `Article.objects.locked` alone, and nothing in news FOR UPDATE.

The reason stands in docs/decisions/page-cache.md, "Locks". A lock whose model cannot be seen where it is asked for is
refused as well: it could be an article's.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("news", "newsletter", "sccon")  # those that may know an article
HOME = ("news/models/articles.py", "ArticleManager")  # where `locked` is defined

Function = ast.FunctionDef | ast.AsyncFunctionDef


def refused(path: str, source: str) -> Iterator[str]:
    """What is wrong with the locks of a module, a line for each; `path` is told from the root of the project."""
    if "select_for_update" not in source:
        return
    module = ast.parse(source, path)
    models = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and "models" in (node.module or "").split(".")
        for alias in node.names
    }
    calls = {id(node.func): node for node in ast.walk(module) if isinstance(node, ast.Call)}
    for scope in _scopes(module, path):
        assigned = _assigned(scope)
        for node in _inside(scope):
            if not isinstance(node, ast.Attribute) or node.attr != "select_for_update":
                continue
            model = _model(node.value, models, assigned)
            if model == "Article":
                yield f"{path}:{node.lineno}: an article is locked by Article.objects.locked(article)"
            elif model is None:
                yield f"{path}:{node.lineno}: say what is locked: Model.objects…, or a variable that begins so"
            elif path.startswith("news/") and not _spares_keys(calls.get(id(node))):
                yield f"{path}:{node.lineno}: lock with no_key=True"


def _scopes(module: ast.Module, path: str) -> Iterator[ast.AST]:
    """The module and each of its functions, but for those where an article may be locked."""
    home = {
        id(function)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and (path, node.name) == HOME
        for function in ast.walk(node)
    }
    yield module
    yield from (node for node in ast.walk(module) if isinstance(node, Function) and id(node) not in home)


def _inside(scope: ast.AST) -> Iterator[ast.AST]:
    """All that belongs to `scope` and to no function in it."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, Function):
            yield node
            yield from _inside(node)


def _assigned(scope: ast.AST) -> Mapping[str, list[ast.expr]]:
    """The variables of `scope`, each with all that is put into it."""
    found: dict[str, list[ast.expr]] = {}
    for node in _inside(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


def _model(queryset: ast.expr, models: Mapping[str, str], assigned: Mapping[str, list[ast.expr]]) -> str | None:
    """The model whose rows `queryset` is about, where it begins with `Model.objects`; else None."""
    match _begin(queryset):
        case ast.Attribute(value=ast.Name(id=name), attr="objects"):
            return models.get(name)
        case ast.Name(id=name) if name in assigned:
            rest = {other: values for other, values in assigned.items() if other != name}
            begun = {_model(value, models, rest) for value in assigned[name] if not _continues(value, name)}
            return begun.pop() if len(begun) == 1 else None
    return None


def _begin(queryset: ast.expr) -> ast.expr:
    """What the first of its methods is called on."""
    while isinstance(queryset, ast.Call) and isinstance(queryset.func, ast.Attribute):
        queryset = queryset.func.value
    return queryset


def _continues(value: ast.expr, name: str) -> bool:
    """As in `rows = rows.filter(…)`."""
    begin = _begin(value)
    return isinstance(begin, ast.Name) and begin.id == name


def _spares_keys(call: ast.Call | None) -> bool:
    """Whether it locks FOR NO KEY UPDATE, so that rows which refer to the locked one can be written meanwhile."""
    words = {word.arg: word.value for word in call.keywords} if call else {}
    no_key = words.get("no_key")
    return isinstance(no_key, ast.Constant) and no_key.value is True


def main(root: Path = ROOT) -> int:
    files = sorted(file for app in APPS for file in (root / app).rglob("*.py"))
    lines = [line for file in files for line in refused(file.relative_to(root).as_posix(), file.read_text())]
    if lines:
        print(*lines, 'Why: docs/decisions/page-cache.md, "Locks".', sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
