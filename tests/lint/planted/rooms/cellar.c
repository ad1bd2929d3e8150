/* outside of every room: not looked at */
