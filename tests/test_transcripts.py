"""README and the walkthroughs tell the truth: every command in them is run and its output compared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
transcripts = pytest.importorskip("transcripts", reason="transcripts need a pseudo-terminal (not on Windows)", exc_type=ImportError)


@pytest.mark.parametrize("document", transcripts.DOCUMENTS, ids=lambda d: d.name)
def test_every_command_says_what_the_document_shows(document: Path) -> None:
    played = transcripts.play(document)
    assert len(played) >= 5, f"{document.name} shows {len(played)} commands"
    for step, true in played:
        assert true == step.expected, f"$ {step.command}\n--- shown in {document.name}\n{step.expected}\n--- true\n{true}"
