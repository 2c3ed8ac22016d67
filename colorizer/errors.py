"""The exception tree.

ColorizerError
├── SettingError       a setting outside its range (also a ValueError)
├── InputError         a source that cannot be used
│   ├── SourceMissing      no such file
│   ├── SourceUnreadable   empty, truncated, renamed, or of a kind that is not supported
│   └── SourceTooLarge     more pixels than the limit allows
├── OutputError        a result that cannot be written
│   └── TargetExists       the file is there and overwriting was not asked for
├── ModelError         a network that cannot be used
│   ├── ModelUnknown       no such row in the catalog and no such folder
│   ├── ModelMissing       its files are not on this disk yet
│   ├── ModelDamaged       a file is not what the catalog says, or does not load
│   └── DownloadFailed     no address gave the file
├── EngineError        an inference engine that cannot run here
└── JobError           a job that cannot be changed as asked, or a list of jobs that cannot be read
    └── JobMissing         there is no job of this name

Every message says what went wrong, with which file, and what to do. ColorizerError is caught where a user is told:
in the command line, in the studio, and in the worker, which writes it down for both.
"""


class ColorizerError(Exception):
    """Everything this package raises on purpose.

    >>> from colorizer import ColorizerError, colorize_file
    >>> try:
    ...     colorize_file("nowhere.png", "new.png")
    ... except ColorizerError as error:
    ...     print(error)
    nowhere.png is not there. Check the name and the folder
    """


class SettingError(ColorizerError, ValueError):
    """A setting outside its range: names the field, the range and the value."""


class InputError(ColorizerError):
    """A source that cannot be used."""


class SourceMissing(InputError):
    """There is no such file."""


class SourceUnreadable(InputError):
    """The file is empty, truncated, not what its name says, or of a kind that is not supported."""


class SourceTooLarge(InputError):
    """The picture has more pixels than the limit allows."""


class CorrectionsInvalid(InputError):
    """Corrections by hand that are not what this program reads: names the field, what it must be and what it is."""


class OutputError(ColorizerError):
    """The result cannot be written."""


class TargetExists(OutputError):
    """The target is there already, and overwriting was not asked for."""


class ModelError(ColorizerError):
    """A network that cannot be used."""


class ModelUnknown(ModelError):
    """The name is neither a row of the catalog nor a folder with a network."""


class ModelMissing(ModelError):
    """The network's files are not on this disk yet."""


class ModelDamaged(ModelError):
    """A file is not what the catalog says it is, or the network does not load."""


class DownloadFailed(ModelError):
    """None of the addresses gave the file."""


class EngineError(ColorizerError):
    """The inference engine cannot run here."""


class JobError(ColorizerError):
    """The job cannot be changed as asked, or the list of jobs cannot be read."""


class JobMissing(JobError):
    """There is no job of this name."""
