# The site in a Durable Object with SQLite, at a port that workerd tells; where its rows are is an argument.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "site", worker = .worker), (name = "rows", disk = (writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "site")],
);

const worker :Workerd.Worker = (
  modules = [(name = "object.js", esModule = embed "../../dist/object.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "sites", durableObjectNamespace = "Site")],
  durableObjectNamespaces = [(className = "Site", uniqueKey = "site", enableSql = true)],
  durableObjectStorage = (localDisk = "rows"),
);
