import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from heisenberg.machine.blas import keep_blas_to_one_thread


def test_numpy_multiplies_on_the_thread_that_asks() -> None:
    threadpool_limits(limits=2, user_api="blas")
    square = np.eye(64, dtype=np.float32)

    keep_blas_to_one_thread()

    assert np.array_equal(square @ square, square)
    used = [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]
    assert used == [1] * len(used)
