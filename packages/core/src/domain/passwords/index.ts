export {
  type CustomPasswords,
  createPasswords,
  type Passwords,
  type PasswordsOptions,
  type Verdict,
} from './passwords.ts'
export { currentPrefix } from './stored.ts'
