import { codes } from '@keystile/core'

export const usernameCodes = codes({
  INVALID_USERNAME_OR_PASSWORD: [401, 'Invalid username or password'],
  EMAIL_NOT_VERIFIED: [403, 'Email not verified'],
  UNEXPECTED_ERROR: [500, 'Unexpected error'],
  USERNAME_IS_ALREADY_TAKEN: [400, 'Username is already taken. Please try another.'],
  USERNAME_TOO_SHORT: [422, 'Username is too short'],
  USERNAME_TOO_LONG: [422, 'Username is too long'],
  INVALID_USERNAME: [422, 'Username is invalid'],
  INVALID_DISPLAY_USERNAME: [400, 'Display username is invalid'],
  USERNAME_IS_IMMUTABLE: [400, 'Username cannot be updated'],
})
