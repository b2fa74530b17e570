/** The fields that a user gains: the stored name, and the name as typed. */
export const usernameFields = {
  username: { type: 'string', required: false, unique: true, sortable: true },
  displayUsername: { type: 'string', required: false },
} as const
