"""All mutants of the core, or of some files: `python -m tests.mutants [FILE …]` (`make mutants`). Exit 1: something is
neither noticed nor explained. Ends with the table by file for docs/reliability.md."""

import argparse
import sys

from tests.mutants.judgement import Judgement, all_mutants, as_markdown, read_known, stale
from tests.mutants.trial import run_mutants


def main(files: list[str]) -> int:
    """Files by their module's name (`merge`); all without any."""
    mutants = all_mutants(files)
    if not mutants:
        print(f"nothing of the core to be changed is called {' or '.join(files)}", file=sys.stderr)
        return 2
    judgement = Judgement(read_known())
    broken = run_mutants(lambda: mutants, judgement.add)
    wrong = [*broken, *judgement.wrong, *stale(judgement.known.of(files), mutants)]
    print("\n".join(["", *judgement.noticed, *wrong, "", as_markdown(judgement)]))
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="All mutants of the core, or of some of its files.")
    parser.add_argument("files", nargs="*", help="a module's name, as `merge`; all without any")
    sys.exit(main(parser.parse_args().files))
