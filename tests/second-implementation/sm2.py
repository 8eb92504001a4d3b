"""SM2 signatures (GB/T 32918.2 on the curve of 32918.5), for checking only: plain integers, and nothing about it is secret."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
USER_ID = b"1234567812345678"


def add(one, other):
    """The sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return other if one is None else one
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def multiply(number, point):
    total = None
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def identity(x, y, digest):
    """Z: the user's id, the curve and the key."""
    numbers = b"".join(number.to_bytes(32, "big") for number in (A, B, *G, x, y))
    return digest((8 * len(USER_ID)).to_bytes(2, "big"), USER_ID, numbers)


def verify_sm2(public_key, message, signature, digest):
    """public_key: 04 || x || y; signature: r || s, 64 bytes; digest: SM3 over its arguments."""
    if len(public_key) != 65 or public_key[0] != 4 or len(signature) != 64:
        return False
    x, y = (int.from_bytes(public_key[at : at + 32], "big") for at in (1, 33))
    if x >= P or y >= P or (y * y - x * x * x - A * x - B) % P != 0:
        return False
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N) or t == 0:
        return False
    e = int.from_bytes(digest(identity(x, y, digest), message), "big")
    point = add(multiply(s, G), multiply(t, (x, y)))
    return point is not None and (e + point[0]) % N == r
