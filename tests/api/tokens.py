"""Tokens made by hand: valid ones, and those that must not be believed."""
import base64
import json
import pathlib
import time

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

import world

AUDIENCE = "elinvoima"
RS_ISSUER, HS_ISSUER = "https://rs.test", "https://hs.test"
HS_SECRET = b"0123456789abcdef0123456789abcdef0123456789"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value):
    return encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def claims(subject="coordinator", **changes):
    """Claims of a valid token; a change to None takes a claim away."""
    now = int(time.time())
    result = {"iss": world.ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3600, **changes}
    return {name: value for name, value in result.items() if value is not None}


def write_private(key, path):
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()))
    path.chmod(0o600)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_der(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class Keys:
    """The service's own key, two further issuers', and one nobody knows."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.own_file = self.folder / "token.pem"
        self.vote_file = self.folder / "vote.pem"
        self.issuers_file = self.folder / "issuers.json"
        self.own = serialization.load_pem_private_key(self.own_file.read_bytes(), None)
        self.rs = serialization.load_pem_private_key((self.folder / "rs.pem").read_bytes(), None)
        self.stranger = ec.generate_private_key(ec.SECP256R1())

    @classmethod
    def make(cls, folder, own=None):
        folder = pathlib.Path(folder)
        write_private(own or ec.generate_private_key(ec.SECP256R1()), folder / "token.pem")
        write_private(ed25519.Ed25519PrivateKey.generate(), folder / "vote.pem")
        rs = rsa.generate_private_key(65537, 2048)
        write_private(rs, folder / "rs.pem")
        (folder / "rs.pub").write_bytes(public_pem(rs))
        (folder / "hs.key").write_bytes(HS_SECRET)
        (folder / "hs.key").chmod(0o600)
        (folder / "issuers.json").write_text(json.dumps([
            {"issuer": RS_ISSUER, "audience": AUDIENCE, "algorithm": "RS256", "key_file": str(folder / "rs.pub")},
            {"issuer": HS_ISSUER, "audience": AUDIENCE, "algorithm": "HS256", "key_file": str(folder / "hs.key")}]))
        return cls(folder)

    def sign(self, header, payload, key=None):
        """ES256 over any header and payload, texts or bytes."""
        signed = f"{part(header)}.{part(payload)}"
        r, s = decode_dss_signature((key or self.own).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def mint(self, subject="coordinator", header=None, **changes):
        return self.sign({"alg": "ES256", "typ": "JWT", **(header or {})}, claims(subject, **changes))

    def mint_rs(self, subject="coordinator", **changes):
        return jwt.encode(claims(subject, iss=RS_ISSUER, **changes), self.rs, "RS256")

    def mint_hs(self, subject="coordinator", secret=HS_SECRET, algorithm="HS256", **changes):
        return jwt.encode(claims(subject, **{"iss": HS_ISSUER, **changes}), secret, algorithm)
