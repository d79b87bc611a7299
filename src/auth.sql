-- name: municipalities
-- shared: the list of tenants itself
select code
from municipality

-- name: roles     One row per role held now; one row without role: known, holds none; no row: unknown.
select person_id::text, role
from actor_roles(:municipality, :issuer, :subject, :now)
