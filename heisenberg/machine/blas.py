"""How numpy's linear algebra shares the cores with the engines."""

from __future__ import annotations


def keep_blas_to_one_thread() -> None:
    """Let numpy multiply matrices on the thread that asks.

    Ours are small: a spectrum, a filter. OpenBLAS gives them to threads that then spin for a tenth
    of a second in case there are more, on the cores that the recogniser and the language model
    need at that moment. Does nothing where numpy stands on another library.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")
