"""A server with its database and keys: what a test module talks to."""
import client
import server
import tokens
import world


class Service:
    def __init__(self, cluster, database, keys, reports, more=None, wrap=(), **settings):
        self.cluster, self.database, self.keys = cluster, database, keys
        self.settings = {
            "database_url": cluster.url(database), "token_key_file": keys.own_file, "vote_key_file": keys.vote_file, "issuers_file": keys.issuers_file,
            "token_issuer": world.ISSUER, "token_audience": tokens.AUDIENCE, "public_url": "https://api.test", "database_connections": 4, "workers": 4,
            "anonymous_acts_per_minute": 10_000,
            **settings}
        self.server = server.Server(self.settings, reports, more=more, wrap=wrap)
        self.connection = None
        self.clients = []

    @property
    def port(self):
        return self.server.port

    def token(self, subject, **claims):
        return self.keys.mint(subject, **claims)

    def client(self, subject=None):
        """Speaks for this subject of the service's own issuer; for nobody without one."""
        return self.client_with(self.token(subject) if subject else None)

    def client_with(self, token):
        return self._keep(client.Client(self.port, token))

    def _keep(self, made):
        self.clients.append(made)
        return made

    def rows(self, statement, *values):
        """What is stored, asked as the tables' owner. Each call sees what is committed now."""
        if not self.connection:
            self.connection = self.cluster.connect(self.database)
            self.connection.autocommit = True
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def disconnect(self):
        """Before the database goes away under `rows`."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def stop(self):
        for made in self.clients:
            made.close()
        self.disconnect()
        self.server.stop()
