/** The public names of `@keystile/django/api`: Django's sessions in chains of schemes, and ready endpoints. */
export { type DjangoLoginOptions, djangoLogin } from './api/login.ts'
export { type DjangoLogoutOptions, djangoLogout } from './api/logout.ts'
export { type DjangoIdentity, type DjangoSessionOptions, djangoSession } from './api/session-scheme.ts'
