"""Single sign-on by OpenID Connect: the provider, and the routes of the sign-in."""
