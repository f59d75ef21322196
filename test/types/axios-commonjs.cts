import axiosAuth = require('@countersign/axios-auth')
import axios = require('axios')

const api = axios.create({ baseURL: 'https://api.example.com' })
api.interceptors.request.use(axiosAuth.apiKey({ key: 'k' }))
api.interceptors.request.use(axiosAuth.basic({ username: 'u', password: 'p' }))
