"""Where collected files go: our modules minified, every name with the hash of its content, gzip and brotli beside."""

import fnmatch
import os
from collections.abc import Iterable, Iterator
from typing import Any

from compressor.storage import CompressorFileStorage
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from whitenoise import compress
from whitenoise.storage import CompressedManifestStaticFilesStorage

from dashboard.assets.modules import DYNAMIC_IMPORT, FOLDER, STATIC_IMPORT, broken, closure


class BrokenReference(ValueError):
    pass


class Compressor(compress.Compressor):
    """Leaves a whole file or none, so that what is there need not be made again."""

    def write_data(self, path: str, data: bytes, suffix: str, stat_result: os.stat_result) -> str:
        os.replace(super().write_data(path, data, f"{suffix}.part", stat_result), path + suffix)
        return path + suffix


class MinifyingStorage(CompressedManifestStaticFilesStorage):
    """What Django and WhiteNoise do, after the modules of ours were minified.

    Imports are left as they are: bare names that an import map leads to hashed files. Django's own rewriting of them
    (`support_js_module_import_aggregation`) hashes some twice and ends on circular ones.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._closures: dict[tuple[str, bool], tuple[str, ...]] = {}

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in fnmatch.filter(list(paths), f"{FOLDER}/*.js"):
                try:
                    self._minify(name, *paths[name])
                except ValueError as error:
                    yield name, None, error
                    return
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _minify(self, name: str, source: Any, path: str) -> None:
        from dashboard.assets.minify import script  # here, so that servers do not load it

        with source.open(path) as file:
            text = script(file.read().decode())
        if names := broken(text):
            raise BrokenReference(
                f"{name} refers to {', '.join(names)}: only modules in static/js and libraries can be"
            )
        self.delete(name)
        self._save(name, ContentFile(text.encode()))

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Brotli is most of the work of a build; what an earlier one compressed under the same hash is the same."""
        yield from super().compress_files([path for path in paths if not self.exists(f"{path}.br")])

    def needed_by(self, name: str) -> tuple[str, ...]:
        """The bare names of a module and of all it imports statically, itself first."""
        return self._closure(name)

    def reachable_from(self, name: str) -> tuple[str, ...]:
        """The bare names of a module and of all that it, or what it imports, may ever import."""
        return self._closure(name, late=True)

    def _closure(self, name: str, *, late: bool = False) -> tuple[str, ...]:
        if (name, late) not in self._closures:
            forms = (STATIC_IMPORT, DYNAMIC_IMPORT) if late else (STATIC_IMPORT,)
            self._closures[name, late] = tuple(closure(name, self._text, *forms))
        return self._closures[name, late]

    def _text(self, path: str) -> str:
        with self.open(self.stored_name(path)) as file:
            return str(file.read().decode())


def collected() -> MinifyingStorage | None:
    """The storage of collected files: of others, which are read anew at each visit, nothing is known in advance."""
    found = storages["staticfiles"]
    return found if isinstance(found, MinifyingStorage) else None


class BundleStorage(CompressorFileStorage):
    """Where django-compressor puts its bundles, which are compressed at once: `collectstatic` is over by then."""

    def save(self, filename: str, content: Any) -> str:
        name: str = super().save(filename, content)
        Compressor(extensions=settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS, quiet=True).compress(self.path(name))
        return name
