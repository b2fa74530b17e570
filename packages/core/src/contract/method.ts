/** Methods that an endpoint can answer to; HEAD is GET's own. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
