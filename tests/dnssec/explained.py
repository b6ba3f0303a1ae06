# The differences between the program and its judges that have an explanation; a table. Each row is as narrow as it can
# be, and fails the test when its difference no longer occurs. Reasons tell who is right.
from differential import Explained


def explained():
    """Fresh rows, which count."""
    return [Explained(*row) for row in rows]


rows = ()
